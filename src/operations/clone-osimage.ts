import { basename, dirname, join } from 'node:path'
import type { Cluster } from '../domain/cluster.ts'
import type { Osimage } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { getOsimage, insertOsimage } from '../store/osimages.ts'
import type { Command } from '../tools/command.ts'
import {
  copyTreeCommand,
  countTreeCommand,
  isCopiedLine,
  parseTreeCount,
  syncFileSystemCommand,
} from '../tools/copy-tree.ts'
import { tied } from '../tools/tied.ts'
import { checkNew } from './osimages.ts'
import { checkWhole, packDirectories, packingDirectory } from './pack-plan.ts'
import { explainFailure, runPackStep } from './pack-step.ts'
import { withTreeLock } from './tree-lock.ts'

export interface CloneInput {
  name: string
  newName: string
  /** Absolute path of the new image's directory, which is not there yet, or empty. */
  path: string
  /** Ends the copying, which leaves nothing. */
  signal: AbortSignal
}

/** How many files have been copied, of how many. */
export type ReportCloneProgress = (done: number, total: number) => void

type Needs = Pick<Luna, 'store' | 'exec' | 'imageTree' | 'packFiles' | 'locks' | 'clock' | 'tell'>

/**
 * Makes another osimage with the same settings and a copy of the tree. The copy grows beside its place, where the next clone of that
 * name would remove what a killed one has left.
 */
export async function cloneOsimage(luna: Needs, input: CloneInput, report: ReportCloneProgress): Promise<void> {
  const { cluster, osimage } = await luna.store.read(async tx => {
    const osimage = await getOsimage(tx, input.name)
    await checkNew(tx, { name: input.newName, path: input.path })
    return { cluster: await getCluster(tx), osimage }
  })
  await checkPlace(luna, { from: osimage.path, to: input.path, clusterPath: cluster.path })
  await withTreeLock(luna, { cluster, osimage, purpose: 'clone' }, () =>
    withNameLock(luna, cluster, input.newName, async () => {
      await checkWhole(luna, osimage, packDirectories(cluster, osimage))
      if (luna.tell) luna.tell({ kind: 'act', words: `copy ${osimage.path} to ${input.path}` })
      else await makeCopy(luna, osimage, input, report)
      await insertClone(luna, osimage, input)
    }),
  )
}

const isBelow = (inner: string, outer: string) => `${inner}/`.startsWith(`${outer}/`)

async function checkPlace(
  { imageTree }: Needs,
  { from, to, clusterPath }: { from: string; to: string; clusterPath: string },
): Promise<void> {
  if (isBelow(from, to) || isBelow(to, from))
    throw new LunaError('invalid', `${to} and ${from} lie one in the other; a clone needs a place of its own`)
  if (!(await imageTree.isDirectory(dirname(to))))
    throw new LunaError('invalid', `there is no directory ${dirname(to)} to make ${basename(to)} in`)
  const isEmpty = (await imageTree.list('/', to)).length === 0 && (await isFreeOrDirectory(imageTree, to))
  if (!isEmpty || isBelow(clusterPath, to))
    throw new LunaError('conflict', `${to} is there already and is not empty; a clone needs a new place`)
}

const isFreeOrDirectory = async (imageTree: Luna['imageTree'], path: string): Promise<boolean> =>
  (await imageTree.isDirectory(path)) || !(await imageTree.findPresent('/', [path])).has(path)

async function withNameLock<T>(
  { locks, clock }: Needs,
  cluster: Cluster,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await locks.acquire(join(cluster.path, packingDirectory, `clone-${name}.lock`), clock(), 'clone')
  if ('heldBy' in lock) throw new LunaError('conflict', `osimage "${name}" is being made already; wait for its end`)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

async function makeCopy(
  luna: Needs,
  { name, path: from }: Osimage,
  { newName, path, signal }: CloneInput,
  report: ReportCloneProgress,
): Promise<void> {
  const beside = join(dirname(path), `.${newName}.luna-clone`)
  await luna.packFiles.remove([beside])
  try {
    await copyTree(luna, from, beside, signal, report)
    signal.throwIfAborted()
    await luna.packFiles.move(beside, path)
  } catch (error) {
    await luna.packFiles.remove([beside])
    const [doing, result] = [`cloning osimage "${name}"`, `a clone of osimage "${name}"`]
    throw explainFailure(error, { doing, result, path: dirname(path), interrupted: signal.aborted })
  }
}

async function copyTree(
  luna: Needs,
  from: string,
  to: string,
  signal: AbortSignal,
  report: ReportCloneProgress,
): Promise<void> {
  const run = (name: string, command: Command, take?: (line: string) => boolean) =>
    runPackStep(luna, { name, command: tied(command), signal, ...(take && { take }) })
  const total = parseTreeCount((await run('du', countTreeCommand(from))).stdout)
  let done = 0
  await run('cp', copyTreeCommand(from, to), line => {
    if (isCopiedLine(line)) report(Math.min(++done, total), total)
    return isCopiedLine(line)
  })
  await run('sync', syncFileSystemCommand(to))
}

async function insertClone(
  { store, packFiles, tell }: Needs,
  { id: _, packId: __, canaryId: ___, ...osimage }: Osimage,
  { newName: name, path }: CloneInput,
): Promise<void> {
  try {
    await store.write(async tx => {
      await checkNew(tx, { name, path })
      await insertOsimage(tx, { ...osimage, name, path })
    })
  } catch (error) {
    if (!tell) await packFiles.remove([path])
    throw error
  }
}
