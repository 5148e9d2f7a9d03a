import { join } from 'node:path'
import type { Osimage, Pack } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { getOsimage } from '../store/osimages.ts'
import { findPack, listPacks, makePackCurrent } from '../store/packs.ts'
import type { Tx } from '../store/store.ts'
import { getGeneration } from './generations.ts'
import { filesOf, type PackDirectories, packDirectories } from './pack-plan.ts'

type Needs = Pick<Luna, 'store' | 'packFiles' | 'clock'>

/** What nodes get from now on, and what they got until now. */
export interface CurrentChange {
  before: number | undefined
  pack: Pack
}

/**
 * Makes an older generation the one that nodes get: the one with that number, or the newest that they got before the present one.
 * @throws LunaError notFound when there is none, notReady when its files are gone
 */
export async function rollBack(luna: Needs, name: string, generation?: number): Promise<CurrentChange> {
  const { wanted, directories } = await luna.store.read(async tx => {
    const osimage = await getOsimage(tx, name)
    const wanted = generation ?? (await findBefore(tx, osimage))
    return {
      wanted: await getGeneration(tx, osimage, wanted),
      directories: packDirectories(await getCluster(tx), osimage),
    }
  })
  await checkFiles(luna, wanted, { name, directories })
  const change = await luna.store.write(async tx => {
    const osimage = await getOsimage(tx, name)
    const pack = await getGeneration(tx, osimage, wanted.id)
    if (osimage.packId !== pack.id) await makePackCurrent(tx, pack, luna.clock())
    return { before: osimage.packId, pack }
  })
  await linkStableNames(luna, name)
  return change
}

/** Canaries that never became what all nodes get are no way back. */
async function findBefore(tx: Tx, { id, name, packId }: Osimage): Promise<number> {
  const older = (await listPacks(tx, id)).filter(pack => pack.currentAtMs !== undefined && pack.id < (packId ?? 0))
  if (older[0]) return older[0].id
  const none = packId === undefined ? 'is not packed' : `has no generation that nodes got before ${packId}`
  throw new LunaError('notReady', `osimage "${name}" ${none}; see: luna osimage history ${name}`)
}

async function checkFiles(
  { packFiles }: Needs,
  pack: Pack,
  { name, directories }: { name: string; directories: PackDirectories },
): Promise<void> {
  const paths = filesOf(pack, directories)
  const sizes = await Promise.all(paths.map(path => packFiles.findSize(path)))
  const gone = paths.filter((_, index) => sizes[index] === undefined)
  if (gone.length === 0) return
  throw new LunaError(
    'notReady',
    `generation ${pack.id} of osimage "${name}" cannot be had any more: ${gone.join(' and ')} ${gone.length === 1 ? 'is' : 'are'} gone`,
  )
}

/** The names that administrators know lead to the present generation. */
export async function linkStableNames({ store, packFiles }: Pick<Luna, 'store' | 'packFiles'>, name: string) {
  const { pack, boot } = await store.read(async tx => {
    const osimage = await getOsimage(tx, name)
    const pack = osimage.packId === undefined ? undefined : await findPack(tx, osimage.packId)
    return { pack, boot: packDirectories(await getCluster(tx), osimage).boot }
  })
  if (!pack) return
  await packFiles.link(join(boot, `${name}-vmlinuz-${pack.kernver}`), pack.kernelFile)
  await packFiles.link(join(boot, `${name}-initramfs-${pack.kernver}`), pack.initrdFile)
}
