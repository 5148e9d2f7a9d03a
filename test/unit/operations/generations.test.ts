import { readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createExec } from '../../../src/effects/exec.ts'
import { createLocks } from '../../../src/effects/locks.ts'
import { createPackFiles } from '../../../src/effects/pack-files.ts'
import { promoteCanary, rollBack } from '../../../src/operations/current-generation.ts'
import { checkFiles, readHistory } from '../../../src/operations/generations.ts'
import { addGroup, changeGroup, cloneGroup, showGroup } from '../../../src/operations/groups.ts'
import { addNodes, changeNodes, listNodesWithStatus } from '../../../src/operations/nodes.ts'
import { changeOsimage } from '../../../src/operations/osimages.ts'
import { pruneOsimage } from '../../../src/operations/prune.ts'
import { publishedTorrents } from '../../../src/operations/published-torrents.ts'
import { insertBoots } from '../../../src/store/boots.ts'
import { getNode } from '../../../src/store/nodes.ts'
import { getOsimage, insertOsimage } from '../../../src/store/osimages.ts'
import { flock } from '../../../src/tools/flock.ts'
import { type BootCluster, createBootCluster, publishWithFiles } from '../../boot-cluster.ts'

let cluster: BootCluster
let luna: ReturnType<typeof lunaOf>

const lunaOf = ({ store, clock }: BootCluster) => ({
  store,
  clock,
  packFiles: createPackFiles(),
  locks: createLocks(createExec(), flock),
  swarm: { read: async () => undefined },
  imageTree: undefined as never,
})

beforeEach(async () => {
  cluster = await createBootCluster({ packed: false })
  luna = lunaOf(cluster)
})
afterEach(() => cluster.close())

const publishMany = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index++) await publishWithFiles(cluster)
}
const history = () => readHistory(luna, 'compute')
const numbers = async () => (await history()).generations.map(({ pack }) => pack.id)
const effective = async () => {
  const nodes = await listNodesWithStatus(cluster, {})
  return nodes.map(({ generation: { next, isCanary } }) => (isCanary ? `${next} canary` : next))
}
const current = async () => (await history()).generations.find(({ isCurrent }) => isCurrent)?.pack.id
const seeded = async () => (await publishedTorrents(luna)).map(({ name }) => name)

async function beginBoot(generation: number): Promise<void> {
  await cluster.store.write(async tx => {
    const { id: nodeId } = await getNode(tx, 'node001')
    await insertBoots(tx, [{ nodeId, tokenHash: 'a', packId: generation, createdAtMs: cluster.now }])
  })
}

describe('history', () => {
  test('of an osimage that was never packed', async () => {
    expect(await history()).toMatchObject({ generations: [], bytes: 0 })
    await expect(readHistory(luna, 'nope')).rejects.toMatchObject({ kind: 'notFound' })
  })

  test('who gets each, who boots it, and what it takes on the disk', async () => {
    await publishWithFiles(cluster)
    await publishWithFiles(cluster, { kernelFile: 'compute-1-vmlinuz', madeFrom: 1 })
    await beginBoot(1)
    rmSync(join(cluster.directory, 'torrents', 'compute-1.tar.zst'))
    const { generations, bytes } = await history()
    expect(generations).toMatchObject([
      { isCurrent: true, isBooting: false, groups: ['compute'], pack: { id: 2, packedBy: 'root', madeFrom: 1 } },
      { isCurrent: false, isBooting: true, groups: [], bytes: { tarball: undefined, kernel: 17 } },
    ])
    // files hold their names; the kernel counts once, the tarball that is gone not at all
    const files = ['1-vmlinuz', '1-initrd', '2-initrd', '2.tar.zst', '1.torrent', '2.torrent']
    expect(bytes).toBe(files.map(name => `compute-${name}`).join('').length)
  })
})

describe('prune', () => {
  test('keeps as many as the osimage says besides what nodes get or boot', async () => {
    await publishMany(7)
    await beginBoot(2)
    expect((await pruneOsimage(luna, 'compute')).map(({ id }) => id)).toEqual([3, 1])
    expect(await numbers()).toEqual([7, 6, 5, 4, 2])
    await changeOsimage(luna, 'compute', { keep: 1 })
    await pruneOsimage(luna, 'compute')
    expect(await numbers()).toEqual([7, 6, 2])
    await pruneOsimage(luna, 'compute', 0)
    expect(await numbers()).toEqual([7, 2])
    expect((await history()).generations.every(({ bytes }) => bytes.tarball !== undefined)).toBe(true)
  })

  test('leaves files that a generation that stays has as well', async () => {
    await publishWithFiles(cluster)
    await publishWithFiles(cluster, { kernelFile: 'compute-1-vmlinuz' })
    await pruneOsimage(luna, 'compute', 0)
    expect((await history()).generations).toMatchObject([{ pack: { id: 2 }, bytes: { kernel: 17 } }])
  })

  test('keeps what was rolled back to, and not by its age', async () => {
    await publishMany(4)
    await rollBack(luna, 'compute', 1)
    await pruneOsimage(luna, 'compute', 1)
    expect(await numbers()).toEqual([4, 1])
  })
})

describe('rollback', () => {
  test('to the one before, and further', async () => {
    await publishMany(3)
    expect(await rollBack(luna, 'compute')).toMatchObject({ before: 3, pack: { id: 2 } })
    expect(await rollBack(luna, 'compute')).toMatchObject({ before: 2, pack: { id: 1 } })
    await expect(rollBack(luna, 'compute')).rejects.toMatchObject({
      kind: 'notReady',
      message: 'osimage "compute" has no generation that nodes got before 1; see: luna osimage history compute',
    })
    expect(await rollBack(luna, 'compute', 3)).toMatchObject({ before: 1, pack: { id: 3 } })
    expect(await current()).toBe(3)
  })

  test('says when nodes began to get it; the present one stays as it is', async () => {
    await publishMany(2)
    await rollBack(luna, 'compute', 1)
    const { now } = cluster
    cluster.now += 1000
    expect((await rollBack(luna, 'compute', 1)).before).toBe(1)
    expect((await history()).generations.map(({ pack }) => pack.currentAtMs)).toEqual([1, now])
  })

  test('takes the names of the READMEs and the torrent with it', async () => {
    await publishMany(2)
    await rollBack(luna, 'compute')
    const link = (name: string) => readlinkSync(join(cluster.directory, 'boot', `compute-${name}-6.1.0-18-amd64`))
    expect([link('vmlinuz'), link('initramfs')]).toEqual(['compute-1-vmlinuz', 'compute-1-initrd'])
    expect(await seeded()).toEqual(['compute-1.tar.zst'])
  })

  test('is refused when files are gone, and nothing changes', async () => {
    await publishMany(2)
    for (const name of ['torrents/compute-1.tar.zst', 'boot/compute-1-initrd']) rmSync(join(cluster.directory, name))
    const { directory } = cluster
    await expect(rollBack(luna, 'compute')).rejects.toMatchObject({
      kind: 'notReady',
      message: `generation 1 of osimage "compute" cannot be had any more: ${directory}/boot/compute-1-initrd and ${directory}/torrents/compute-1.tar.zst are gone`,
    })
    expect(await current()).toBe(2)
  })

  test('to a number that is none of its generations', async () => {
    await publishMany(1)
    const message = 'osimage "compute" has no generation 9; see: luna osimage history compute'
    await expect(rollBack(luna, 'compute', 9)).rejects.toMatchObject({ kind: 'notFound', message })
  })

  test('of one that was never packed', async () => {
    const message = 'osimage "compute" is not packed; see: luna osimage history compute'
    await expect(rollBack(luna, 'compute')).rejects.toMatchObject({ kind: 'notReady', message })
  })
})

/** An osimage that is not packed, and a group of its. */
async function addOtherImage(): Promise<void> {
  await cluster.store.write(async tx => {
    const { id: _, ...image } = await getOsimage(tx, 'compute')
    await insertOsimage(tx, { ...image, name: 'login', path: '/opt/luna/os/login' })
  })
  await addGroup(cluster, { name: 'login', osimage: 'login', network: 'cluster' })
}

describe('a pinned generation', () => {
  beforeEach(() => publishMany(3))

  test('of a group stays what its nodes get, whatever the current one is; a clone has it too', async () => {
    await changeGroup(cluster, 'compute', { generation: 1 })
    expect(await effective()).toEqual([1, 1, 1])
    await rollBack(luna, 'compute')
    await cloneGroup(cluster, 'compute', 'more')
    expect(await effective()).toEqual([1, 1, 1])
    expect((await history()).generations.map(({ pack, groups }) => [pack.id, groups])).toEqual([
      [3, []],
      [2, []],
      [1, ['compute', 'more']],
    ])
    await changeGroup(cluster, 'compute', { generation: undefined })
    expect(await effective()).toEqual([2, 2, 2])
  })

  test('of a node goes before that of its group', async () => {
    await changeGroup(cluster, 'compute', { generation: 1 })
    await changeNodes(cluster, ['node002', 'node003'], { generation: 2 })
    expect(await effective()).toEqual([1, 2, 2])
    expect((await history()).generations[1]).toMatchObject({ groups: [], nodes: ['node002', 'node003'] })
    await changeNodes(cluster, ['node003'], { generation: null })
    expect(await effective()).toEqual([1, 2, 1])
  })

  test('is kept and seeded', async () => {
    await changeGroup(cluster, 'compute', { generation: 1 })
    await changeNodes(cluster, ['node001'], { generation: 2 })
    await pruneOsimage(luna, 'compute', 0)
    expect(await numbers()).toEqual([3, 2, 1])
    expect((await seeded()).sort()).toEqual(['compute-1.tar.zst', 'compute-2.tar.zst', 'compute-3.tar.zst'])
    await changeNodes(cluster, ['node001'], { generation: null })
    await pruneOsimage(luna, 'compute', 0)
    expect(await numbers()).toEqual([3, 1])
  })

  test('must be one of the osimage, with its files', async () => {
    const message = 'osimage "compute" has no generation 9; see: luna osimage history compute'
    await expect(changeGroup(cluster, 'compute', { generation: 9 })).rejects.toMatchObject({
      kind: 'notFound',
      message,
    })
    await expect(changeNodes(cluster, ['node001'], { generation: 9 })).rejects.toMatchObject({ message })
    await addOtherImage()
    await expect(changeGroup(cluster, 'login', { generation: 2 })).rejects.toThrow(
      'osimage "login" has no generation 2',
    )
    rmSync(join(cluster.directory, 'boot', 'compute-2-initrd'))
    await expect(checkFiles(luna, 2)).rejects.toMatchObject({ kind: 'notReady' })
    await checkFiles(luna, 1)
  })

  test('goes with the osimage that it is of', async () => {
    await addOtherImage()
    await addNodes(cluster, { names: ['login1'], group: 'login' })
    await changeNodes(cluster, ['node001', 'node002'], { generation: 1 })
    await changeNodes(cluster, ['node001'], { group: 'login' })
    await cloneGroup(cluster, 'compute', 'more')
    await changeNodes(cluster, ['node002'], { group: 'more' }) // of the same osimage
    expect(await effective()).toEqual([undefined, undefined, 1, 3])
    await changeGroup(cluster, 'more', { osimage: 'compute', generation: 2 })
    await changeGroup(cluster, 'more', { osimage: 'compute' })
    expect((await showGroup(cluster, 'more')).generation).toBe(2)
    await changeGroup(cluster, 'more', { osimage: 'login' })
    expect((await showGroup(cluster, 'more')).generation).toBeUndefined()
    expect(await effective()).toEqual([undefined, undefined, undefined, 3])
  })
})

describe('a canary', () => {
  /** Generation 3 for node001 alone; 2 is the current one. */
  beforeEach(async () => {
    await publishMany(2)
    await publishWithFiles(cluster, {}, ['node001'])
  })

  test('is what its nodes get, and nobody else', async () => {
    expect(await effective()).toEqual(['3 canary', 2, 2])
    expect((await history()).generations).toMatchObject([
      { isCanary: true, isCurrent: false, groups: [], nodes: ['node001'] },
      { isCanary: false, isCurrent: true, groups: ['compute'], nodes: [] },
      {},
    ])
    await pruneOsimage(luna, 'compute', 0)
    expect(await numbers()).toEqual([3, 2])
    expect((await seeded()).sort()).toEqual(['compute-2.tar.zst', 'compute-3.tar.zst'])
  })

  test('is promoted: all get it, and its nodes what all get', async () => {
    expect(await promoteCanary(luna, 'compute')).toMatchObject({ before: 2, pack: { id: 3 }, ended: 3 })
    expect(await effective()).toEqual([3, 3, 3])
    await rollBack(luna, 'compute')
    expect(await effective()).toEqual([2, 2, 2])
    await expect(promoteCanary(luna, 'compute')).rejects.toMatchObject({
      kind: 'notReady',
      message: 'no nodes try a generation of osimage "compute"; to begin: luna osimage pack compute --canary HOSTLIST',
    })
  })

  test('is dropped by a rollback, the next of which goes past it', async () => {
    expect(await rollBack(luna, 'compute')).toMatchObject({ before: 2, pack: { id: 2 }, ended: 3 })
    expect(await effective()).toEqual([2, 2, 2])
    await publishWithFiles(cluster)
    expect(await rollBack(luna, 'compute')).toMatchObject({ before: 4, pack: { id: 2 } })
  })

  test('gives way to the next', async () => {
    await publishWithFiles(cluster, {}, ['node002'])
    expect(await effective()).toEqual([2, '4 canary', 2])
  })

  test('cannot be promoted without its files', async () => {
    rmSync(join(cluster.directory, 'torrents', 'compute-3.tar.zst'))
    await expect(promoteCanary(luna, 'compute')).rejects.toMatchObject({ kind: 'notReady' })
    expect(await effective()).toEqual(['3 canary', 2, 2])
  })
})
