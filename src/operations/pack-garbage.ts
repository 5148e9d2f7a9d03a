import { join } from 'node:path'
import type { Osimage, Pack } from '../domain/osimage.ts'
import type { Luna } from '../luna.ts'
import { deletePack, listNeededPacks, listPacks, listUnfinishedPacks } from '../store/packs.ts'
import { tokenLifetimeMs } from './boot-tokens.ts'
import { filesOf, type PackDirectories } from './pack-plan.ts'

type Needs = Pick<Luna, 'store' | 'packFiles' | 'swarm' | 'clock'>
type Directories = Pick<PackDirectories, 'boot' | 'torrents'>

/** Removes what packs of the osimage that were killed have left. Only for who has the lock of its packs. */
export async function removeUnfinishedPacks(
  { store, packFiles }: Pick<Needs, 'store' | 'packFiles'>,
  { id }: Pick<Osimage, 'id'>,
  directories: PackDirectories,
): Promise<void> {
  const generations = await store.read(tx => listUnfinishedPacks(tx, id))
  for (const generation of generations) await removeGeneration({ store, packFiles }, generation, directories)
  await packFiles.remove([directories.work])
}

/** Removes the files and the number of a generation that was not published. */
export async function removeGeneration(
  { store, packFiles }: Pick<Needs, 'store' | 'packFiles'>,
  generation: number,
  { boot, torrents }: Directories,
): Promise<void> {
  const ending = new RegExp(`-${generation}(-vmlinuz|-initrd|\\.tar\\.zst|\\.torrent|\\.packages)$`)
  for (const directory of [boot, torrents]) {
    const names = (await packFiles.list(directory)).filter(name => ending.test(name))
    await packFiles.remove(names.map(name => join(directory, name)))
  }
  await store.write(tx => deletePack(tx, generation))
}

/**
 * Forgets the osimage's generations that nobody needs any more, and removes their files: all but the present one, those that a boot
 * in progress began with, those that peers still trade, and as many of the newest others as the osimage says. Only for who has the lock
 * of its packs, since one at work may want files of the generation before.
 * @returns what was forgotten
 */
export async function removeUnneededPacks(
  luna: Needs,
  { id, keep }: Pick<Osimage, 'id' | 'keep'>,
  directories: Directories,
): Promise<Pack[]> {
  const traded = await listTraded(luna)
  const { removed, files } = await luna.store.write(async tx => {
    const needed = await listNeededPacks(tx, luna.clock() - tokenLifetimeMs)
    const isNeeded = (pack: Pack) => needed.has(pack.id) || traded.has(pack.infoHash)
    const packs = await listPacks(tx, id)
    const removed = packs.filter(pack => !isNeeded(pack)).slice(keep)
    const kept = new Set(packs.filter(pack => !removed.includes(pack)).flatMap(pack => filesOf(pack, directories)))
    for (const pack of removed) await deletePack(tx, pack.id)
    return { removed, files: removed.flatMap(pack => filesOf(pack, directories)).filter(path => !kept.has(path)) }
  })
  await removePackFiles(luna, files, directories)
  return removed
}

/** Info-hashes of what nodes have or want; none when ltorrent is not running. */
async function listTraded({ swarm }: Needs): Promise<Set<string>> {
  const torrents = (await swarm.read())?.torrents ?? []
  return new Set(torrents.filter(({ peers }) => peers.length > 0).map(torrent => torrent.info_hash))
}

/** Removes files of generations that are forgotten, and the stable names that led to them. */
export async function removePackFiles(
  { packFiles }: Pick<Luna, 'packFiles'>,
  paths: readonly string[],
  { boot }: Directories,
): Promise<void> {
  if (paths.length === 0) return
  await packFiles.remove(paths)
  const removed = new Set(paths)
  const links = [...(await packFiles.listLinks(boot))].filter(([, target]) => removed.has(join(boot, target)))
  await packFiles.remove(links.map(([name]) => join(boot, name)))
}
