import { beforeEach, describe, expect, test } from 'vitest'
import { addNodes } from '../../../src/operations/nodes.ts'
import { insertBoots, insertEvents } from '../../../src/store/boots.ts'
import { copyEverything } from '../../../src/store/copy.ts'
import { getNode } from '../../../src/store/nodes.ts'
import { getOsimage } from '../../../src/store/osimages.ts'
import { deletePack, insertPacking } from '../../../src/store/packs.ts'
import type { Store } from '../../../src/store/store.ts'
import { tables } from '../../../src/store/tables.ts'
import { scratchDirectory, scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

/** One is a file, the other what the tests run on. */
let file: Store
let other: Store

beforeEach(async () => {
  file = await scratchStore(`sqlite:${scratchDirectory()}/luna.db`)
  other = await scratchStore()
})

const copy = (from: Store, to: Store, watch = (..._: unknown[]) => {}) =>
  from.read(source => to.write(target => copyEverything(source, target, watch)))

const dump = (store: Store) =>
  store.read(async tx =>
    Promise.all(tables.map(async table => [table, await tx.selectFrom(table).selectAll().orderBy('id').execute()])),
  )

const startPack = (store: Store) =>
  store.write(async tx => insertPacking(tx, (await getOsimage(tx, 'compute')).id, 1_800_000_000_000))

async function fill(store: Store): Promise<void> {
  await fillSmallCluster(store)
  const names = Array.from({ length: 1200 }, (_, index) => `node${String(index + 1).padStart(4, '0')}`)
  await addNodes({ store }, { names, group: 'compute' })
  await store.write(async tx => {
    const { id: nodeId } = await getNode(tx, 'node0007')
    const boot = { nodeId, tokenHash: 'ü\u{1f600}', packId: undefined, createdAtMs: 1_800_000_000_123 }
    const [bootId] = await insertBoots(tx, [boot])
    const bytes = { uptimeS: 1.1, fromHeadBytes: 2 ** 52 + 1, fromPeersBytes: 0, fromWebBytes: 1 }
    await insertEvents(tx, [{ nodeId, bootId, step: 'install.success', atMs: 1, message: "';\n--", ...bytes }])
  })
}

test('the list of tables is whole', async () => {
  const names = await other.read(async tx => (await tx.introspection.getTables()).map(({ name }) => name))
  const inSql = tables.map(table => table.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`))
  expect(names.filter(name => !/^(migration|sqlite_)/.test(name)).sort()).toEqual(inSql.sort())
})

test.each([
  ['from a file', () => [file, other] as const],
  ['to a file', () => [other, file] as const],
])('%s: every row, with its number', async (_, pair) => {
  const [from, to] = pair()
  await fill(from)
  const seen: unknown[][] = []
  const rows = await copy(from, to, (...now) => seen.push(now))
  expect(await dump(to)).toEqual(await dump(from))
  expect(rows).toBeGreaterThan(3600)
  expect(seen.at(-1)).toEqual(['compare', rows, rows])
  expect(seen.filter(([phase]) => phase === 'copy').at(-1)).toEqual(['copy', rows, rows])
})

describe('numbers go on', () => {
  test.each([
    ['from a file', () => [file, other] as const],
    ['to a file', () => [other, file] as const],
  ])('%s, where the last is gone too', async (_, pair) => {
    const [from, to] = pair()
    await fillSmallCluster(from)
    const kept = await startPack(from)
    const gone = await startPack(from)
    await from.write(tx => deletePack(tx, gone))
    await copy(from, to)
    expect([kept, gone, await startPack(to)]).toEqual([1, 2, 3])
    expect(await addNodes({ store: to }, { names: ['first'], group: 'compute' })).toEqual(['first'])
  })
})

test('into one that is not empty nothing is copied', async () => {
  await fillSmallCluster(file)
  await fillSmallCluster(other)
  const before = await dump(other)
  await expect(copy(file, other)).rejects.toMatchObject({
    kind: 'conflict',
    message: 'the database to copy to holds a cluster already; nothing was copied',
  })
  expect(await dump(other)).toEqual(before)
})

test('a copy that is not the same is taken back', async () => {
  await fillSmallCluster(file)
  const spoil = file.read(source =>
    other.write(target =>
      copyEverything(source, target, async phase => {
        if (phase === 'compare') return
        await target.updateTable('network').set({ comment: 'spoilt' }).where('name', '=', 'ipmi').execute()
      }),
    ),
  )
  await expect(spoil).rejects.toMatchObject({
    kind: 'failed',
    message: 'table network is not the same in the copy (row 2); nothing was copied',
  })
  expect((await dump(other)).every(([, rows]) => rows?.length === 0)).toBe(true)
})
