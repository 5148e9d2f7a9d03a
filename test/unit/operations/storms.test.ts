import { afterEach, beforeEach, expect, test } from 'vitest'
import { copiesOf } from '../../../src/domain/storm.ts'
import { recordFirstSteps } from '../../../src/operations/boot-steps.ts'
import { recordStorms, showStorms } from '../../../src/operations/storms.ts'
import { insertBoots } from '../../../src/store/boots.ts'
import { listOsimages } from '../../../src/store/osimages.ts'
import { deletePack } from '../../../src/store/packs.ts'
import { type BootCluster, createBootCluster, pack1 } from '../../boot-cluster.ts'

let cluster: BootCluster
let boots = 0
beforeEach(async () => {
  cluster = await createBootCluster()
})
afterEach(() => cluster.close())

/** A node's boot that fetches from one second to another. */
const fetches = (nodeId: number, fromS: number, toS: number, fromHeadBytes: number, message?: string) =>
  cluster.store.write(async tx => {
    const [begunMs, doneMs] = [cluster.now + fromS * 1000, cluster.now + toS * 1000]
    const boot = { nodeId, tokenHash: `${++boots}`, packId: 1, createdAtMs: begunMs }
    const [bootId] = (await insertBoots(tx, [boot])) as [number]
    const fromPeersBytes = pack1.sizeBytes - fromHeadBytes
    await recordFirstSteps(tx, [
      { nodeId, bootId, step: 'install.download', atMs: begunMs },
      { nodeId, bootId, step: 'install.unpack', atMs: doneMs, fromHeadBytes, fromPeersBytes, fromWebBytes: 0, message },
    ])
  })

const record = () => recordStorms(cluster, pack1.infoHash)

test('storms are kept once, and stay when the generation goes', async () => {
  await fetches(1, 0, 10, pack1.sizeBytes / 2)
  await fetches(2, 5, 12, pack1.sizeBytes / 2)
  expect(await record()).toHaveLength(1)
  expect(await record()).toEqual([])
  const [storm] = await showStorms(cluster)
  expect(storm).toMatchObject({ osimage: 'compute', generation: 1, nodes: 2, beganAtMs: cluster.now })
  expect(copiesOf(storm!)).toBe(1)
  await cluster.store.write(async tx => {
    const [osimage] = await listOsimages(tx)
    await tx.updateTable('osimage').set({ packId: null }).where('id', '=', osimage!.id).execute()
    await deletePack(tx, 1)
  })
  expect(await showStorms(cluster, 'compute')).toEqual([storm])
  expect(await record()).toEqual([])
})

test('who gave bad pieces is kept', async () => {
  await fetches(1, 0, 10, 0, 'bad pieces came from node003, the head')
  await fetches(2, 0, 10, 0, 'bad pieces came from node003')
  const [storm] = await record()
  expect(storm!.badSenders).toEqual([
    { name: 'node003', others: 2 },
    { name: 'the head', others: 1 },
  ])
  expect(await showStorms(cluster)).toEqual([storm])
  expect(await record()).toEqual([])
})

test('what was taken for the end of a storm is corrected by what came later', async () => {
  await fetches(1, 0, 10, 100)
  await fetches(2, 5, 12, 100)
  await record()
  await fetches(3, 20, 25, 100)
  expect(await record()).toHaveLength(1)
  expect((await showStorms(cluster)).map(({ nodes }) => nodes)).toEqual([3])
})

test('the last twenty are kept', async () => {
  for (let hour = 0; hour < 23; hour++) {
    await fetches(1, 3600 * hour, 3600 * hour + 10, 100)
    await fetches(2, 3600 * hour, 3600 * hour + 10, 100)
    await record()
  }
  const storms = await showStorms(cluster)
  expect(storms).toHaveLength(20)
  expect(storms[0]!.beganAtMs).toBe(cluster.now + 22 * 3600_000)
})

test('an osimage that is not there', async () => {
  await expect(showStorms(cluster, 'nope')).rejects.toThrow('there is no osimage "nope"')
})
