import { join } from 'node:path'
import type { Cluster } from '../domain/cluster.ts'
import type { Osimage } from '../domain/osimage.ts'
import type { CommandError } from '../effects/exec.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { getOsimage } from '../store/osimages.ts'
import { literal, vanishedStatus } from '../tools/rsync.ts'
import { grabCommand, type TransferLine } from '../tools/tree-transfer.ts'
import { chooseKernel } from './osimages.ts'
import { withPackLock } from './pack.ts'
import { packDirectories, packingDirectory } from './pack-plan.ts'
import { runTransfer } from './transfer.ts'
import { withTreeLock } from './tree-lock.ts'

export interface GrabInput {
  name: string
  host: string
  signal: AbortSignal
  /** Asks for lines of how far it is, too. */
  progress: boolean
}

export interface GrabOutcome {
  made: number
  deleted: number
  warnings: string[]
}

type Needs = Pick<Luna, 'store' | 'exec' | 'imageTree' | 'packFiles' | 'locks' | 'clock' | 'tell'>

/**
 * Makes the directory of an osimage what the file systems of a running host are. Until all has come, and after it was
 * interrupted, the image cannot be packed.
 * @param report called with each line: what was made or deleted, and how far it is
 */
export async function grabOsimage(
  luna: Needs,
  input: GrabInput,
  report: (line: TransferLine) => void,
): Promise<GrabOutcome> {
  const { cluster, osimage } = await luna.store.read(async tx => ({
    cluster: await getCluster(tx),
    osimage: await getOsimage(tx, input.name),
  }))
  if (!luna.tell) await luna.packFiles.makeDirectories([join(cluster.path, packingDirectory)])
  return withTreeLock(luna, { cluster, osimage, purpose: 'grab' }, () =>
    withPackLock(luna, cluster, osimage, () => grabAlone(luna, { cluster, osimage }, input, report), 'grabbed'),
  )
}

async function grabAlone(
  luna: Needs,
  { cluster, osimage }: { cluster: Cluster; osimage: Osimage },
  input: GrabInput,
  report: (line: TransferLine) => void,
): Promise<GrabOutcome> {
  const { grabMark } = packDirectories(cluster, osimage)
  const wasHalf = await luna.packFiles.exist([grabMark])
  if (!luna.tell) await mark(luna, grabMark, input.host)
  const outcome: GrabOutcome = { made: 0, deleted: 0, warnings: [] }
  const count = (line: TransferLine): void => {
    if (line.kind !== 'progress') outcome[line.kind]++
    report(line)
  }
  try {
    await runGrab(luna, { cluster, osimage }, input, count)
  } catch (error) {
    const { status } = ((error as LunaError).cause ?? {}) as Partial<CommandError>
    if (status !== vanishedStatus) {
      const isUntouched = outcome.made + outcome.deleted === 0 && !wasHalf
      if (isUntouched && !luna.tell) await luna.packFiles.remove([grabMark])
      throw explain(error, { ...input, ...osimage, isUntouched: isUntouched || luna.tell !== undefined })
    }
    outcome.warnings.push(`files of ${input.host} went away while they were read, which is usual for a host at work`)
  }
  if (luna.tell) return outcome
  await luna.packFiles.remove([grabMark])
  return { ...outcome, warnings: [...outcome.warnings, ...(await adviseOnKernel(luna, osimage))] }
}

async function mark({ packFiles }: Needs, path: string, host: string): Promise<void> {
  await packFiles.remove([path])
  await packFiles.write(path, Buffer.from(`${host}\n`))
}

const runGrab = (
  luna: Needs,
  { cluster, osimage }: { cluster: Cluster; osimage: Osimage },
  { host, signal, progress }: GrabInput,
  report: (line: TransferLine) => void,
): Promise<void> => {
  const transfer = {
    host,
    path: osimage.path,
    filesystems: osimage.grabFilesystems.split(','),
    excludeList: osimage.grabExcludeList,
    excluded: [cluster.path, osimage.path].map(literal), // the host may be this one
  }
  const command = grabCommand(transfer, { dryRun: luna.tell !== undefined, progress })
  return runTransfer(luna, { command, host, signal }, report)
}

function explain(
  error: unknown,
  { name, host, path, signal, isUntouched }: GrabInput & { path: string; isUntouched: boolean },
): unknown {
  if (!(error instanceof LunaError) && !signal.aborted) return error
  const { message, detail } = error as LunaError
  const said = signal.aborted ? `grabbing osimage "${name}" from ${host} was interrupted` : message
  const state = isUntouched
    ? 'nothing was changed'
    : `${path} is neither what it was nor what ${host} is: grab it again before it is packed`
  return new LunaError('failed', `${said}; ${state}`, { cause: error, ...(detail && !signal.aborted && { detail }) })
}

async function adviseOnKernel({ imageTree }: Needs, { name, path, kernver }: Osimage): Promise<string[]> {
  const kernels = await imageTree.findKernels(path)
  if (chooseKernel({ kernver }, kernels) !== undefined) return []
  const lack = kernels.length === 0 ? 'no kernel' : `no kernel ${kernver} any more, but ${kernels.join(', ')}`
  return [`${path} has ${lack}; before it is packed, see: luna osimage show ${name} -k`]
}
