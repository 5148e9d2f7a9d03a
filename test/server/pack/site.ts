import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAddress } from '../../../src/domain/address.ts'
import { clusterDefaults } from '../../../src/domain/cluster.ts'
import { osimageDefaults, type Pack } from '../../../src/domain/osimage.ts'
import type { SwarmSnapshot } from '../../../src/domain/swarm.ts'
import { createExec } from '../../../src/effects/exec.ts'
import { createImageTree } from '../../../src/effects/image-tree.ts'
import { createLocks } from '../../../src/effects/locks.ts'
import { createPackFiles } from '../../../src/effects/pack-files.ts'
import { hashPieces } from '../../../src/effects/piece-hashes.ts'
import { putCluster } from '../../../src/store/clusters.ts'
import { findOsimage, getOsimage, insertOsimage } from '../../../src/store/osimages.ts'
import {
  insertPacking,
  listPacks,
  listUnfinishedPacks,
  makePackCurrent,
  publishPack,
} from '../../../src/store/packs.ts'
import { openStore, type Store } from '../../../src/store/store.ts'
import { flock } from '../../../src/tools/flock.ts'

/** A cluster of one osimage called compute, in a directory of its own. */
export interface PackSite {
  directory: string
  /** The cluster's path. */
  path: string
  store: Store
  luna: ReturnType<typeof lunaOf>
  remove(): Promise<void>
}

const shareDirectory = join(import.meta.dirname, '..', '..', '..')

export function lunaOf(store: Store) {
  const exec = createExec()
  return {
    store,
    exec,
    shareDirectory,
    hashPieces,
    imageTree: createImageTree(),
    packFiles: createPackFiles(),
    locks: createLocks(exec, flock),
    clock: () => Date.now(),
    loginName: () => 'alice',
    swarm: { read: async (): Promise<SwarmSnapshot | undefined> => undefined },
  }
}

/** `directory`: where all of it is made; not in memory, since overlay has to work there as it does on a head. */
export async function makeSite(image?: string): Promise<PackSite> {
  const directory = mkdtempSync('/var/tmp/luna-pack-')
  const path = join(directory, 'opt')
  mkdirSync(path)
  const store = await openSite(directory, path, image ?? join(directory, 'image'))
  const remove = async () => {
    await store.close()
    rmSync(directory, { recursive: true })
  }
  return { directory, path, store, luna: lunaOf(store), remove }
}

/** Opens the site's store, for the first time or from another process. */
export async function openSite(directory: string, path: string, image: string): Promise<Store> {
  const store = await openStore({ kind: 'sqlite', path: join(directory, 'luna.db') }, { create: true })
  await store.write(async tx => {
    if (await findOsimage(tx, 'compute')) return
    await putCluster(tx, { ...clusterDefaults, path, frontendAddress: parseAddress('10.30.255.254') })
    const osimage = { ...osimageDefaults, name: 'compute', path: image, grabExcludeList: '', comment: '' }
    await insertOsimage(tx, { ...osimage, kernmodules: 'virtio_net', keep: 0 })
  })
  return store
}

/** Publishes a generation whose files hold its number, as if it had been packed at that time. */
export async function publishOldPack(site: PackSite, createdAtMs = Date.now()): Promise<Pack> {
  return site.store.write(async tx => {
    const { id: osimageId } = await getOsimage(tx, 'compute')
    const id = await insertPacking(tx, osimageId, createdAtMs)
    const pack: Pack = {
      id,
      osimageId,
      createdAtMs,
      kernver: '6.1.0-13-amd64',
      kernelFile: `compute-${id}-vmlinuz`,
      initrdFile: `compute-${id}-initrd`,
      tarballFile: `compute-${id}.tar.zst`,
      torrentFile: `compute-${id}.torrent`,
      infoHash: `${id}`.padStart(40, '0'),
      sizeBytes: 1,
      pieceLengthBytes: 16384,
      distribution: 'Debian',
      networkWriter: 'networkd',
      packagesFile: '',
      packedBy: '',
      madeFrom: undefined,
      currentAtMs: createdAtMs,
    }
    await publishPack(tx, pack)
    await makePackCurrent(tx, pack, createdAtMs)
    for (const name of [pack.kernelFile, pack.initrdFile]) writeIn(site, 'boot', name, `${id}`)
    for (const name of [pack.tarballFile, pack.torrentFile]) writeIn(site, 'torrents', name, `${id}`)
    return pack
  })
}

function writeIn(site: PackSite, directory: string, name: string, text: string): void {
  mkdirSync(join(site.path, directory), { recursive: true })
  writeFileSync(join(site.path, directory, name), text)
}

/** Number of the generation that nodes get. */
export const currentGeneration = (site: PackSite): Promise<number | undefined> =>
  site.store.read(async tx => (await getOsimage(tx, 'compute')).packId)

export const storedGenerations = (site: PackSite): Promise<{ published: number[]; packing: number[] }> =>
  site.store.read(async tx => {
    const { id } = await getOsimage(tx, 'compute')
    const published = (await listPacks(tx, id)).map(pack => pack.id)
    return { published, packing: await listUnfinishedPacks(tx, id) }
  })

/** Names of all files that nodes could ask for, and of what is at work. */
export const filesOfSite = (site: PackSite): string[] =>
  ['boot', 'torrents', '.packing']
    .flatMap(directory => readdirSync(join(site.path, directory)).map(name => `${directory}/${name}`))
    .sort()

/** Mounts that anybody on this machine outside of private namespaces sees below the site. */
export const mountsOf = (site: PackSite): string[] =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter(line => line.includes(site.directory))

/** Processes that have to do with the site: command lines of all that name its directory. */
export function processesOf(site: PackSite): string[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name) && name !== `${process.pid}`)
  return pids.map(commandLineOf).filter(line => line.includes(site.directory))
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return '' // it has ended
  }
}
