import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { formatAddress } from '../../../src/domain/address.ts'
import { parseDatabaseUrl } from '../../../src/domain/database-url.ts'
import { listNodes } from '../../../src/store/nodes.ts'
import { openStore } from '../../../src/store/store.ts'
import { scratchDatabase, scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

const run = promisify(execFile)
const child = join(import.meta.dirname, 'add-nodes-process.ts')
const addInProcess = (url: string, count: number) => run(process.execPath, [child, url, String(count)])
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

test('processes that add nodes at once never share a name or an address', async () => {
  const url = scratchDatabase()
  const store = await scratchStore(url)
  await fillSmallCluster(store)
  await Promise.all(times(4, () => addInProcess(url, 25)))
  const nodes = await store.read(tx => listNodes(tx))
  const numbers = Array.from({ length: 100 }, (_, index) => index + 1)
  expect(nodes.map(node => node.name)).toEqual(numbers.map(number => `node${String(number).padStart(3, '0')}`))
  const given = nodes.flatMap(node => node.addresses.map(held => formatAddress(held.address)))
  expect(new Set(given)).toEqual(new Set(numbers.flatMap(number => [`10.30.0.${number}`, `10.31.0.${number}`])))
  expect(given).toHaveLength(200)
})

test('processes that find an empty database migrate it once', async () => {
  const url = scratchDatabase()
  await Promise.all(times(4, () => addInProcess(url, 0)))
  const store = await openStore(parseDatabaseUrl(url))
  expect(await store.read(tx => listNodes(tx))).toEqual([])
  await store.close()
})

test('a reader sees one state while others write', async () => {
  const url = scratchDatabase()
  const store = await scratchStore(url)
  await fillSmallCluster(store)
  const counts = await store.read(async tx => {
    const before = (await listNodes(tx)).length
    await addInProcess(url, 3)
    return [before, (await listNodes(tx)).length]
  })
  expect(counts).toEqual([0, 0])
  expect(await store.read(tx => listNodes(tx))).toHaveLength(3)
})
