import type { Osimage, Pack } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { listGroups } from '../store/groups.ts'
import { listPinnedNodes } from '../store/nodes.ts'
import { getOsimage, listOsimages } from '../store/osimages.ts'
import { findPack, listBootingPacks, listPacks } from '../store/packs.ts'
import type { Tx } from '../store/store.ts'
import { tokenLifetimeMs } from './boot-tokens.ts'
import { filesByPart, filesOf, packDirectories } from './pack-plan.ts'

type Part = keyof ReturnType<typeof filesByPart>

/** One generation, who gets it, and what it takes on the disk. */
export interface Generation {
  pack: Pack
  isCurrent: boolean
  /** A few nodes try it. */
  isCanary: boolean
  /** A boot in progress began with it. */
  isBooting: boolean
  /** Groups whose nodes get it, but for those that have another one of their own. */
  groups: string[]
  /** Nodes that have it as their own. */
  nodes: string[]
  /** Bytes of each of its files; undefined for one that is gone. Another generation may share them. */
  bytes: Record<Part, number | undefined>
}

export interface History {
  osimage: Osimage
  /** Newest first. */
  generations: Generation[]
  /** What all of them take together: files that several share once. */
  bytes: number
}

/** @throws LunaError notFound */
export async function readHistory(
  { store, packFiles, clock }: Pick<Luna, 'store' | 'packFiles' | 'clock'>,
  name: string,
): Promise<History> {
  const { osimage, directories, packs, booting, groups, pinned } = await store.read(async tx => {
    const osimage = await getOsimage(tx, name)
    return {
      osimage,
      directories: packDirectories(await getCluster(tx), osimage),
      packs: await listPacks(tx, osimage.id),
      booting: await listBootingPacks(tx, clock() - tokenLifetimeMs),
      groups: (await listGroups(tx)).filter(group => group.osimage === name),
      pinned: await listPinnedNodes(tx),
    }
  })
  const files = packs.map(pack => filesByPart(pack, directories))
  const paths = [...new Set(packs.flatMap(pack => filesOf(pack, directories)))]
  const sizes = new Map(await Promise.all(paths.map(async path => [path, await packFiles.findSize(path)] as const)))
  const bytesOf = (one: Record<Part, string>) =>
    Object.fromEntries(Object.entries(one).map(([part, path]) => [part, sizes.get(path)])) as Generation['bytes']
  const generations = packs.map((pack, index) => ({
    pack,
    isCurrent: pack.id === osimage.packId,
    isBooting: booting.includes(pack.id),
    isCanary: pack.id === osimage.canaryId,
    groups: groups.filter(group => (group.generation ?? osimage.packId) === pack.id).map(group => group.name),
    nodes: pinned.get(pack.id) ?? [],
    bytes: bytesOf(files[index]!),
  }))
  return { osimage, generations, bytes: sum([...sizes.values()]) }
}

export const sum = (sizes: readonly (number | undefined)[]): number =>
  sizes.reduce<number>((total, size) => total + (size ?? 0), 0)

/** @throws LunaError notFound */
export async function getGeneration(tx: Tx, osimage: Pick<Osimage, 'id' | 'name'>, number: number): Promise<Pack> {
  const pack = await findPack(tx, number)
  if (pack?.osimageId === osimage.id) return pack
  throw new LunaError(
    'notFound',
    `osimage "${osimage.name}" has no generation ${number}; see: luna osimage history ${osimage.name}`,
  )
}

/** @throws LunaError notReady when files of the generation are gone; of none that has that number it says nothing */
export async function checkFiles(
  { store, packFiles }: Pick<Luna, 'store' | 'packFiles'>,
  generation: number,
): Promise<void> {
  const found = await store.read(async tx => {
    const pack = await findPack(tx, generation)
    const osimage = (await listOsimages(tx)).find(one => one.id === pack?.osimageId)
    return (
      pack &&
      osimage && {
        name: osimage.name,
        paths: Object.values(filesByPart(pack, packDirectories(await getCluster(tx), osimage))),
      }
    )
  })
  const { name, paths } = found ?? { name: '', paths: [] }
  const sizes = await Promise.all(paths.map(path => packFiles.findSize(path)))
  const gone = paths.filter((_, index) => sizes[index] === undefined)
  if (gone.length === 0) return
  throw new LunaError(
    'notReady',
    `generation ${generation} of osimage "${name}" cannot be had any more: ${gone.join(' and ')} ${gone.length === 1 ? 'is' : 'are'} gone`,
  )
}
