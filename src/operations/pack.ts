import { basename, join } from 'node:path'
import type { Cluster } from '../domain/cluster.ts'
import type { Osimage, Pack } from '../domain/osimage.ts'
import type { Lock } from '../effects/locks.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getOsimage } from '../store/osimages.ts'
import { insertPacking, listUnfinishedPacks, makePackCurrent, publishPack } from '../store/packs.ts'
import { beginCanary } from './canary.ts'
import { linkStableNames } from './current-generation.ts'
import { type BootPart, bootPartOf, makeBootPart } from './pack-boot.ts'
import { removeGeneration, removeUnfinishedPacks, removeUnneededPacks } from './pack-garbage.ts'
import { type ImagePart, imagePartOf, makeImagePart, type PackOrigin } from './pack-image.ts'
import { filesOf, type PackPlan, type PackWish, packDirectories, planPack, readPackSubject } from './pack-plan.ts'
import type { ReportPackProgress } from './pack-progress.ts'
import { explainFailure } from './pack-step.ts'
import { runBoth } from './run-both.ts'

export interface PackInput extends PackWish {
  /** Ends the pack, which leaves everything as it was. */
  signal?: AbortSignal
}

export interface PackOutcome {
  pack: Pack
  /** One line each, for the administrator. */
  warnings: string[]
}

export type PackNeeds = Pick<
  Luna,
  | 'store'
  | 'exec'
  | 'imageTree'
  | 'packFiles'
  | 'locks'
  | 'hashPieces'
  | 'swarm'
  | 'clock'
  | 'loginName'
  | 'shareDirectory'
>

/**
 * Makes a new generation of an osimage. Until its last file is in place nodes get the one before; whatever goes wrong, they go on
 * getting it.
 * @throws LunaError conflict when the osimage is being packed already
 */
export async function packOsimage(
  luna: PackNeeds,
  input: PackInput,
  report: ReportPackProgress = () => {},
): Promise<PackOutcome> {
  const signal = input.signal ?? new AbortController().signal
  const { cluster, osimage } = await readPackSubject(luna, input.name, input.canary)
  try {
    return await packAlone(luna, { cluster, osimage, input }, signal, report)
  } catch (error) {
    const [doing, result] = [`packing osimage "${osimage.name}"`, `a new pack of osimage "${osimage.name}"`]
    throw explainFailure(error, { doing, result, path: cluster.path, interrupted: signal.aborted })
  }
}

async function packAlone(
  luna: PackNeeds,
  { cluster, osimage, input }: { cluster: Cluster; osimage: Osimage; input: PackWish },
  signal: AbortSignal,
  report: ReportPackProgress,
): Promise<PackOutcome> {
  const { boot, torrents } = packDirectories(cluster, osimage)
  await luna.packFiles.makeDirectories([cluster.path, boot, torrents])
  return withPackLock(luna, cluster, osimage, async () => {
    const plan = await planPack(luna, { ...input, name: osimage.name })
    const pack = await makeGeneration(luna, plan, signal, report)
    await linkStableNames(luna, osimage.name)
    await removeOldGenerations(luna, plan)
    return { pack, warnings: plan.warnings }
  })
}

/** @throws LunaError conflict when the osimage is being packed already, or grabbed */
export async function withPackLock<T>(
  luna: Pick<Luna, 'locks' | 'clock'>,
  cluster: Cluster,
  osimage: Osimage,
  work: () => Promise<T>,
  purpose: 'packed' | 'grabbed' = 'packed',
): Promise<T> {
  const lock = await lockPacks(luna, cluster, osimage, purpose)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

async function lockPacks(
  { locks, clock }: Pick<Luna, 'locks' | 'clock'>,
  cluster: Cluster,
  osimage: Osimage,
  purpose: string,
): Promise<Lock> {
  const lock = await locks.acquire(packDirectories(cluster, osimage).lockFile, clock(), purpose)
  if (!('heldBy' in lock)) return lock
  const { heldBy } = lock
  const who = heldBy ? ` by process ${heldBy.pid} since ${new Date(heldBy.sinceMs).toLocaleTimeString('en-GB')}` : ''
  throw new LunaError(
    'conflict',
    `osimage "${osimage.name}" is being ${heldBy?.purpose || 'packed'} already${who}; wait for its end`,
  )
}

async function makeGeneration(
  luna: PackNeeds,
  plan: PackPlan,
  signal: AbortSignal,
  report: ReportPackProgress,
): Promise<Pack> {
  const { osimage, directories, previous } = plan
  await removeUnfinishedPacks(luna, osimage, directories)
  const createdAtMs = luna.clock()
  const generation = await luna.store.write(tx => insertPacking(tx, osimage.id, createdAtMs))
  try {
    await luna.packFiles.makeEmpty(directories.work)
    const [image, boot] = await runBoth(
      signal,
      either => imagePart(luna, plan, generation, either, report),
      either => bootPart(luna, plan, generation, either, report),
    )
    signal.throwIfAborted()
    const origin: PackOrigin = {
      id: generation,
      osimageId: osimage.id,
      createdAtMs,
      packedBy: luna.loginName(),
      madeFrom: previous?.id,
      currentAtMs: undefined,
    }
    const pack = { ...origin, ...image, ...boot }
    await publish(luna, plan, pack)
    return pack
  } catch (error) {
    await removeGeneration(luna, generation, directories)
    throw error
  } finally {
    await luna.packFiles.remove([directories.work])
  }
}

type Making<T> = (
  luna: PackNeeds,
  plan: PackPlan,
  generation: number,
  signal: AbortSignal,
  report: ReportPackProgress,
) => Promise<T>

/** What is not asked for is the previous generation's. */
const imagePart: Making<ImagePart> = async (luna, plan, ...rest) =>
  plan.parts.image ? makeImagePart(luna, plan, ...rest) : imagePartOf(plan.previous!)

const bootPart: Making<BootPart> = async (luna, plan, ...rest) =>
  plan.parts.boot ? makeBootPart(luna, plan, ...rest) : bootPartOf(plan.previous!)

/** Brings the new files to their places, and then says so. */
async function publish(
  luna: PackNeeds,
  { osimage, directories, previous, canary }: PackPlan,
  pack: Pack,
): Promise<void> {
  const there = new Set(previous ? filesOf(previous, directories) : [])
  const made = filesOf(pack, directories).filter(path => !there.has(path))
  await luna.packFiles.publish(made.map(to => ({ from: join(directories.work, basename(to)), to })))
  await luna.store.write(async tx => {
    if (!(await listUnfinishedPacks(tx, osimage.id)).includes(pack.id))
      throw new LunaError('conflict', `osimage "${osimage.name}" was deleted while it was packed`)
    await publishPack(tx, pack)
    if (canary) await beginCanary(tx, await getOsimage(tx, osimage.name), pack, canary)
    else await makePackCurrent(tx, pack, luna.clock())
  })
}

/** The new generation is in place whether or not this succeeds. */
async function removeOldGenerations(luna: PackNeeds, { osimage, directories, warnings }: PackPlan): Promise<void> {
  try {
    await removeUnneededPacks(luna, osimage, directories)
  } catch (error) {
    if (!(error instanceof LunaError)) throw error
    warnings.push(`old generations stay until the next pack: ${error.message}`)
  }
}
