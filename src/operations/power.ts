import type { PowerAction, PowerResult } from '../domain/power.ts'
import type { CommandError } from '../effects/exec.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { type Bmc, chassisCommand, explainIpmitool, parseChassisAnswer } from '../tools/ipmitool.ts'
import { fanOut } from './fan-out.ts'
import { findPowerTargets, type PowerHosts, type PowerTarget } from './power-targets.ts'

export interface PowerInput {
  action: PowerAction
  hosts: PowerHosts
  /** Interface that is the controller's: `BMC`. */
  interface: string
  /** How many controllers are asked at once. */
  fanout: number
  /** How long each may take. */
  timeoutMs: number
  cipherSuite?: number | undefined
}

/**
 * Asks the controllers of many nodes for the same. A node that cannot be asked, or whose controller does not do it, has an `error`
 * in its result and holds up nobody else.
 * @param onResult called with each result as it comes
 * @throws LunaError notFound for names and groups that are not there; then nobody was asked
 */
export async function powerNodes(
  luna: Pick<Luna, 'store' | 'exec' | 'tell'>,
  input: PowerInput,
  onResult: (result: PowerResult) => void = () => {},
): Promise<PowerResult[]> {
  const targets = await findPowerTargets(luna, input.hosts, input.interface)
  if (luna.tell) return targets.map(target => rehearse(target, input.action))
  return fanOut(targets, input.fanout, async target => {
    const result = await powerTarget(luna, input, target)
    onResult(result)
    return result
  })
}

function rehearse(target: PowerTarget, action: PowerAction): PowerResult {
  const { node } = target
  if (!('bmc' in target)) return { node, address: undefined, state: undefined, error: target.problem }
  return { node, address: target.bmc.address, state: `would be asked: ${action}`, error: undefined }
}

async function powerTarget(luna: Pick<Luna, 'exec'>, input: PowerInput, target: PowerTarget): Promise<PowerResult> {
  const { node } = target
  if (!('bmc' in target)) return { node, address: undefined, state: undefined, error: target.problem }
  const bmc = { ...target.bmc, cipherSuite: input.cipherSuite }
  return { node, address: bmc.address, ...(await askController(luna, input, bmc)) }
}

async function askController(
  { exec }: Pick<Luna, 'exec'>,
  { action, timeoutMs }: PowerInput,
  bmc: Bmc,
): Promise<Pick<PowerResult, 'state' | 'error'>> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const { stdout } = await exec.run(chassisCommand(bmc, action), { signal, stopSignal: 'SIGKILL' })
    const state = parseChassisAnswer(action, stdout)
    return { state, error: state === undefined ? 'the BMC gave an answer that makes no sense' : undefined }
  } catch (error) {
    if (!(error instanceof LunaError)) throw error
    if (signal.aborted) return { state: undefined, error: `no answer within ${timeoutMs / 1000} s` }
    const { status, stderr } = error as CommandError
    return { state: undefined, error: status === undefined ? error.message : explainIpmitool(stderr) }
  }
}
