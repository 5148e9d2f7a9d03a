import { formatAddress } from '../domain/address.ts'
import type { Cluster } from '../domain/cluster.ts'
import type { Osimage } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { patternsOfNodeFiles } from '../render/network/network-files.ts'
import { getCluster } from '../store/clusters.ts'
import { getOsimage } from '../store/osimages.ts'
import { literal } from '../tools/rsync.ts'
import { toldToEnd } from '../tools/tied.ts'
import {
  listMountsCommand,
  mirrorCommand,
  parseMounts,
  sendCommand,
  type TransferLine,
} from '../tools/tree-transfer.ts'
import { fanOut } from './fan-out.ts'
import { checkWhole, packDirectories } from './pack-plan.ts'
import { runPackStep } from './pack-step.ts'
import { findOtherHead } from './sync-heads.ts'
import { explainTransfer, runTransfer } from './transfer.ts'
import { withTreeLock } from './tree-lock.ts'

/** What each machine keeps for itself, beside the files that Luna writes for each node. */
const ownPatterns = [...patternsOfNodeFiles, '/etc/fstab', '/etc/machine-id', '/etc/resolv.conf', '/etc/ssh/ssh_host_*']

export interface SyncInput {
  name: string
  /** Running machines, as ssh knows them; without, the other head. */
  hosts: readonly string[] | undefined
  /** What the image does not have is deleted there. */
  deletes: boolean
  /** How many machines get it at once. */
  fanout: number
  signal: AbortSignal
}

export interface SyncResult {
  host: string
  made: number
  deleted: number
  error: LunaError | undefined
}

type Needs = Pick<Luna, 'store' | 'exec' | 'imageTree' | 'packFiles' | 'locks' | 'clock' | 'neighbours' | 'tell'>
type Subject = { cluster: Cluster; osimage: Osimage }
type Report = (host: string, line: TransferLine) => void

/** Brings the directory of an osimage to the other head, or to running machines. Each machine fails for itself. */
export async function syncOsimage(luna: Needs, input: SyncInput, report: Report): Promise<SyncResult[]> {
  const subject = await luna.store.read(async tx => ({
    cluster: await getCluster(tx),
    osimage: await getOsimage(tx, input.name),
  }))
  const { cluster, osimage } = subject
  const hosts = input.hosts ?? [formatAddress(await findOtherHead(luna, cluster))]
  const send = input.hosts === undefined ? mirror : sendToMachine
  return withTreeLock(luna, { cluster, osimage, purpose: 'sync' }, async () => {
    await checkWhole(luna, osimage, packDirectories(cluster, osimage))
    return fanOut(hosts, input.fanout, host => sendTo(luna, send, subject, { ...input, host }, report))
  })
}

type Send = (
  luna: Needs,
  subject: Subject,
  input: SyncInput & { host: string },
  report: (line: TransferLine) => void,
) => Promise<void>

async function sendTo(
  luna: Needs,
  send: Send,
  subject: Subject,
  input: SyncInput & { host: string },
  report: Report,
): Promise<SyncResult> {
  const result: SyncResult = { host: input.host, made: 0, deleted: 0, error: undefined }
  const count = (line: TransferLine): void => {
    if (line.kind !== 'progress') result[line.kind]++
    report(input.host, line)
  }
  try {
    input.signal.throwIfAborted()
    await send(luna, subject, input, count)
    return result
  } catch (error) {
    if (input.signal.aborted) return { ...result, error: new LunaError('failed', 'interrupted; sync it again') }
    if (!(error instanceof LunaError)) throw error
    return { ...result, error }
  }
}

const mirror: Send = (luna, { osimage: { path } }, { host, signal }, report) =>
  runTransfer(luna, { command: mirrorCommand({ host, path }, optionsOf(luna)), host, signal }, report)

const optionsOf = ({ tell }: Needs) => ({ dryRun: tell !== undefined, progress: false })

const sendToMachine: Send = async (luna, { osimage }, { host, signal, deletes }, report) => {
  const wanted = osimage.grabFilesystems.split(',')
  const present = await luna.imageTree.findPresent(osimage.path, wanted)
  const filesystems = wanted.filter(path => path === '/' || present.has(path))
  const mounts = await listMounts(luna, host, signal)
  const kept = mounts.filter(path => !wanted.includes(path))
  const transfer = {
    host,
    path: osimage.path,
    filesystems,
    excludeList: osimage.grabExcludeList,
    excluded: [...kept.map(literal), ...ownPatterns],
  }
  const command = sendCommand(transfer, { ...optionsOf(luna), deletes })
  await runTransfer(luna, { command, host, signal }, report)
}

/** File systems of the machine that are not in the list are none of the image's business, /proc among them. */
async function listMounts(luna: Needs, host: string, signal: AbortSignal): Promise<string[]> {
  const command = toldToEnd(listMountsCommand(host))
  try {
    return parseMounts((await runPackStep(luna, { name: 'ssh', command, signal })).stdout)
  } catch (error) {
    throw explainTransfer(error, host)
  }
}
