import { LunaError } from '../errors.ts'
import type { Address } from './address.ts'

/** The steps of a node's way from power-on to login, in their order. A step is recorded when it begins. */
export const installSteps = [
  'boot.request',
  'boot.mac_assigned',
  'install.request',
  'install.prescript',
  'install.setupbmc',
  'install.partscript',
  'install.download',
  'install.unpack',
  'install.setnet',
  'install.postscript',
  'install.success',
] as const

export type InstallStep = (typeof installSteps)[number] | 'install.failed' | 'boot.service' | 'boot.local'

/** Steps that a node itself may report; the others are the head's own observations. */
const reportable = new Set<string>([...installSteps.slice(3), 'install.failed'])

export function parseReportedStep(text: string): InstallStep {
  if (reportable.has(text)) return text as InstallStep
  throw new LunaError('invalid', `"${text}" is not an install step that a node reports`)
}

/** What came with a report: numbers of the node's own, and for install.failed what failed and its last words. */
export interface StepReport {
  step: InstallStep
  /** Seconds since the node's kernel started. */
  uptimeS: number | undefined
  /** Bytes of the image that came from the head, and from other nodes. */
  fromHeadBytes: number | undefined
  fromPeersBytes: number | undefined
  /** Those of the head's that came by HTTP, because the swarm gave nothing. */
  fromWebBytes: number | undefined
  /** Whom it takes no more pieces from, since what they gave was none of the image. */
  badPeers: readonly Address[]
  failedStep: string | undefined
  exitStatus: number | undefined
  message: string | undefined
}

/** A word for the state that a step means, for people and for `luna-lab status`. */
export const stateOf = (step: InstallStep | undefined): 'unknown' | 'booting' | 'failed' | 'installed' | 'service' => {
  if (step === undefined) return 'unknown'
  if (step === 'install.failed') return 'failed'
  if (step === 'install.success' || step === 'boot.local') return 'installed'
  return step === 'boot.service' ? 'service' : 'booting'
}
