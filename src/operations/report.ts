import { formatAddress, sameAddress } from '../domain/address.ts'
import { badPiecesMessage } from '../domain/bad-pieces.ts'
import { type Caller, checkRootOf } from '../domain/caller.ts'
import type { StepReport } from '../domain/install.ts'
import type { InstallEvent, Node } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { findNameOfAddress } from '../store/addresses.ts'
import { endBoot, findEndedBoot, findLatestEvent, markBootUsed } from '../store/boots.ts'
import { getCluster } from '../store/clusters.ts'
import { getNode } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { recordStep } from './boot-steps.ts'
import { getBootOfToken, hashToken } from './boot-tokens.ts'

export interface ReportRequest {
  node: string
  token: string | undefined
  caller: Caller
  report: StepReport
}

/**
 * Records a step that the node says it begins; install.success ends the boot, and its token with it. A report that comes again because
 * its answer was lost changes nothing.
 * @throws notFound for an unknown node, forbidden for anyone but root on the node in a boot that goes on
 */
export async function reportStep(
  { store, clock }: Pick<Luna, 'store' | 'clock'>,
  request: ReportRequest,
): Promise<void> {
  const { node: name, token, caller, report } = request
  if (caller.own) throw new LunaError('forbidden', `steps of node "${name}" are reported by the node alone`)
  await store.write(async tx => {
    const node = await getNode(tx, name)
    checkRootOf(caller, node)
    if (await isSuccessAgain(tx, node, token, report)) return
    const atMs = clock()
    const boot = await getBootOfToken(tx, node, token, atMs)
    await markBootUsed(tx, boot.id, atMs)
    const message = failureOf(report) ?? badPiecesMessage(await namesOf(tx, report))
    const event = eventOf({ nodeId: node.id, bootId: boot.id }, report, { atMs, message })
    if (!(await isRepeated(tx, event))) await recordStep(tx, event)
    if (report.step === 'install.success') await endBoot(tx, boot.id, atMs)
  })
}

/** The token died with the first of these reports, whose answer got lost; refusing would send the node round again. */
async function isSuccessAgain(tx: Tx, node: Node, token: string | undefined, { step }: StepReport): Promise<boolean> {
  if (step !== 'install.success' || !token) return false
  const ended = await findEndedBoot(tx, node.id, hashToken(token))
  return ended !== undefined && (await findLatestEvent(tx, ended.id))?.step === 'install.success'
}

async function isRepeated(tx: Tx, { bootId, step, message }: InstallEvent & Ids): Promise<boolean> {
  const latest = await findLatestEvent(tx, bootId)
  return latest?.step === step && latest.message === message
}

/** Whose the addresses of bad peers are. */
async function namesOf(tx: Tx, { badPeers }: StepReport): Promise<string[]> {
  const head = badPeers.length > 0 ? (await getCluster(tx)).frontendAddress : undefined
  const names: string[] = []
  for (const address of badPeers) {
    const isHead = head && sameAddress(address, head)
    names.push(isHead ? 'the head' : ((await findNameOfAddress(tx, address)) ?? formatAddress(address)))
  }
  return [...new Set(names)]
}

const eventOf = (ids: Ids, report: StepReport, known: Pick<InstallEvent, 'atMs' | 'message'>): InstallEvent & Ids => ({
  ...ids,
  ...known,
  step: report.step,
  uptimeS: report.uptimeS,
  fromHeadBytes: report.fromHeadBytes,
  fromPeersBytes: report.fromPeersBytes,
  fromWebBytes: report.fromWebBytes,
})

interface Ids {
  nodeId: number
  bootId: number
}

/** What of the last words fits a line of a table. */
const longestReason = 240

/** `install.unpack failed with status 2: ` and why, which the last line says; below it all the last words of what failed. */
function failureOf({ step, failedStep, exitStatus, message }: StepReport): string | undefined {
  if (step !== 'install.failed') return undefined
  const what = `${failedStep ?? 'a step'} failed${exitStatus === undefined ? '' : ` with status ${exitStatus}`}`
  const words = printable(message ?? '').trim()
  if (words === '') return what
  const reason = words.slice(words.lastIndexOf('\n') + 1).slice(0, longestReason)
  return `${what}: ${reason}\n${words}`
}

/** A console's last lines end up on an administrator's terminal: no escape sequences. */
const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
