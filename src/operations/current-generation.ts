import { join } from 'node:path'
import type { Osimage, Pack } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { getOsimage } from '../store/osimages.ts'
import { findPack, listPacks, makePackCurrent } from '../store/packs.ts'
import type { Tx } from '../store/store.ts'
import { endCanary } from './canary.ts'
import { checkFiles, getGeneration } from './generations.ts'
import { packDirectories } from './pack-plan.ts'

type Needs = Pick<Luna, 'store' | 'packFiles' | 'clock'>

/** What nodes get from now on, and what they got until now. */
export interface CurrentChange {
  before: number | undefined
  /** Undefined when the osimage has only had a canary. */
  pack: Pack | undefined
  /** The canary that is one no longer. */
  ended: number | undefined
}

/**
 * Takes the canary from its nodes, if there is one; else makes the newest generation that nodes got before the present one what they get. With
 * a number it makes that one what they get, whatever it is.
 * @throws LunaError notFound when there is none, notReady when its files are gone
 */
export async function rollBack(luna: Needs, name: string, generation?: number): Promise<CurrentChange> {
  const dropped = generation === undefined ? await dropCanary(luna, name) : undefined
  if (dropped) return dropped
  const wanted = await luna.store.read(async tx => {
    const osimage = await getOsimage(tx, name)
    return (await getGeneration(tx, osimage, generation ?? (await findBefore(tx, osimage)))).id
  })
  return makeCurrent(luna, name, wanted)
}

const dropCanary = ({ store }: Needs, name: string): Promise<CurrentChange | undefined> =>
  store.write(async tx => {
    const osimage = await getOsimage(tx, name)
    const { packId: before, canaryId: ended } = osimage
    if (ended === undefined) return undefined
    await endCanary(tx, osimage)
    return { before, pack: before === undefined ? undefined : await findPack(tx, before), ended }
  })

/** Makes the canary what all nodes get. @throws LunaError notReady when there is none, or its files are gone */
export async function promoteCanary(luna: Needs, name: string): Promise<CurrentChange> {
  const { canaryId } = await luna.store.read(tx => getOsimage(tx, name))
  if (canaryId !== undefined) return makeCurrent(luna, name, canaryId)
  throw new LunaError(
    'notReady',
    `no nodes try a generation of osimage "${name}"; to begin: luna osimage pack ${name} --canary HOSTLIST`,
  )
}

async function makeCurrent(luna: Needs, name: string, generation: number): Promise<CurrentChange> {
  await checkFiles(luna, generation)
  const change = await luna.store.write(async tx => {
    const osimage = await getOsimage(tx, name)
    const pack = await getGeneration(tx, osimage, generation)
    if (osimage.packId !== pack.id) await makePackCurrent(tx, pack, luna.clock())
    const ended = osimage.canaryId === pack.id ? pack.id : undefined
    if (ended !== undefined) await endCanary(tx, osimage)
    return { before: osimage.packId, pack, ended }
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
