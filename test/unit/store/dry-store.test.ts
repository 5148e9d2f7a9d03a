import { expect, test } from 'vitest'
import { parseCidr } from '../../../src/domain/cidr.ts'
import { parseDatabaseUrl } from '../../../src/domain/database-url.ts'
import type { Intention } from '../../../src/domain/dry-run.ts'
import { addNetwork, listAllNetworks } from '../../../src/operations/networks.ts'
import { createDryStore } from '../../../src/store/dry-store.ts'
import { findNetwork, insertNetwork } from '../../../src/store/networks.ts'
import { openStore, type Tx } from '../../../src/store/store.ts'
import { scratchDatabase, scratchStore } from '../../scratch.ts'

const networkOf = (name: string) => ({ name, cidr: parseCidr(`10.${name.length}.0.0`, '16') })

async function rehearsal() {
  const url = scratchDatabase()
  const real = await scratchStore(url)
  const told: Intention[] = []
  const store = createDryStore(await openStore(parseDatabaseUrl(url)), one => told.push(one))
  const titles = () => told.map(one => one.kind === 'change' && one.after?.title)
  return { real, store, titles }
}

const names = async (store: Parameters<typeof listAllNetworks>[0]['store']) =>
  (await listAllNetworks({ store })).map(({ name }) => name)

test('what one write made, everything after it sees, and nobody else', async () => {
  const { real, store, titles } = await rehearsal()
  await addNetwork({ store }, networkOf('a'))
  await addNetwork({ store }, networkOf('bb'))
  expect(await names(store)).toEqual(['a', 'bb'])
  expect(titles()).toEqual(['network a', 'network bb'])
  await expect(addNetwork({ store }, networkOf('a'))).rejects.toMatchObject({ kind: 'conflict' })
  await store.close()
  expect(await names(real)).toEqual([])
})

test('a failure takes everything back, and frees the database for others', async () => {
  const { real, store } = await rehearsal()
  await addNetwork({ store }, networkOf('a'))
  const broken = async (tx: Tx) => {
    const network = (await findNetwork(tx, 'a'))!
    await insertNetwork(tx, network)
  }
  await expect(store.write(broken)).rejects.toMatchObject({ kind: 'conflict', message: /was taken by another command/ })
  expect(await names(store)).toEqual([])
  await addNetwork({ store: real }, networkOf('a'))
  await expect(addNetwork({ store }, networkOf('a'))).rejects.toThrow('network "a" exists already')
  await store.close()
  expect(await names(real)).toEqual(['a'])
})

test('a write that the database does not allow fails as it would', async () => {
  const url = scratchDatabase()
  const real = await scratchStore(url)
  const store = createDryStore(await openStore(parseDatabaseUrl(url), { busyTimeoutMs: 10 }), () => {})
  await real.write(async () => {
    await expect(addNetwork({ store }, networkOf('a'))).rejects.toMatchObject({ message: /database was busy/ })
  })
  await store.close()
})
