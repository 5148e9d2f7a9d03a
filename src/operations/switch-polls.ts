import { formatAddress } from '../domain/address.ts'
import { type Forwarding, forwardingColumns, readForwarding } from '../domain/bridge-mib.ts'
import { changeForwarding, type ForwardingChange, refreshMs } from '../domain/forwarding.ts'
import type { Switch } from '../domain/switch.ts'
import type { PortMap } from '../domain/switch-port.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { changeStoredMacs, getPortMap, listStoredMacs, putPortMap } from '../store/learned-macs.ts'
import { listNodesAtSwitch } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { listSwitches, setPolled } from '../store/switches.ts'

/** A switch's answer; `trouble` is empty, or says what an administrator should see to. */
interface Answer {
  forwarding: Forwarding | undefined
  trouble: string
}

export interface PolledSwitch {
  one: Switch
  /** Another text when it is to be asked otherwise than before. */
  target: string
  /** It has nodes that wait for being recognised by their port. */
  awaited: boolean
}

export const listPolledSwitches = ({ store }: Pick<Luna, 'store'>): Promise<PolledSwitch[]> =>
  store.read(async tx => {
    const switches = await listSwitches(tx)
    if (switches.length === 0) return []
    const waiting = new Set((await listNodesAtSwitch(tx)).filter(({ mac }) => !mac).map(({ switchId }) => switchId))
    return switches.map(one => ({ one, target: targetOf(one), awaited: waiting.has(one.id) }))
  })

/**
 * Asks a switch which MAC is behind which of its ports, and stores what is new of it. Nothing is stored for a switch that was deleted or
 * changed meanwhile.
 * @returns what is wrong with the switch; empty when nothing is
 */
export async function pollSwitch(
  { store, snmp, clock }: Pick<Luna, 'store' | 'snmp' | 'clock'>,
  one: Switch,
  signal: AbortSignal,
): Promise<string> {
  const answer = await ask(snmp, one, signal)
  if (signal.aborted) return answer.trouble
  const atMs = clock()
  // most polls change nothing: they are not to make writers wait
  if (isNothing(await store.read(tx => planPoll(tx, one, answer, atMs)))) return answer.trouble
  await store.write(async tx => {
    const plan = await planPoll(tx, one, answer, atMs)
    if (plan) await applyPlan(tx, one.id, plan, atMs)
  })
  return answer.trouble
}

async function ask(snmp: Luna['snmp'], one: Switch, signal: AbortSignal): Promise<Answer> {
  try {
    const forwarding = readForwarding(await snmp.walk(one, forwardingColumns(one.oid), signal))
    const trouble = forwarding.learned.length > 0 ? '' : `answers, but lists no MAC below ${one.oid}`
    return { forwarding, trouble }
  } catch (error) {
    if (error instanceof LunaError) return { forwarding: undefined, trouble: error.message }
    throw error
  }
}

interface Plan {
  macs: ForwardingChange
  ports: PortMap | undefined
  polled: { polledAtMs: number | undefined; trouble: string } | undefined
}

const isNothing = (plan: Plan | undefined): boolean =>
  !plan || (!plan.ports && !plan.polled && Object.values(plan.macs).every(list => list.length === 0))

async function planPoll(
  tx: Tx,
  asked: Switch,
  { forwarding, trouble }: Answer,
  atMs: number,
): Promise<Plan | undefined> {
  const present = (await listSwitches(tx, [asked.name])).find(({ id }) => id === asked.id)
  if (!present || targetOf(present) !== targetOf(asked)) return undefined
  const polledAtMs = forwarding ? atMs : present.polledAtMs
  const isNews = trouble !== present.trouble || Math.abs((polledAtMs ?? 0) - (present.polledAtMs ?? 0)) > refreshMs
  return {
    macs: changeForwarding(await listStoredMacs(tx, asked.id), forwarding?.learned ?? [], atMs),
    ports: forwarding && (sameMap(forwarding.ports, await getPortMap(tx, asked.id)) ? undefined : forwarding.ports),
    polled: isNews ? { polledAtMs, trouble } : undefined,
  }
}

/** All that decides whom is asked for what. */
const targetOf = ({ address, read, oid, snmpUser, snmpLevel, ...rest }: Switch): string =>
  JSON.stringify([
    ...[formatAddress(address), read, oid, snmpUser, snmpLevel],
    ...[rest.authProtocol, rest.authPassword, rest.privProtocol, rest.privPassword],
  ])

const sameMap = (a: PortMap, b: PortMap): boolean =>
  a.size === b.size && [...a].every(([port, name]) => b.get(port) === name)

async function applyPlan(tx: Tx, switchId: number, { macs, ports, polled }: Plan, atMs: number): Promise<void> {
  await changeStoredMacs(tx, switchId, macs, atMs)
  if (ports) await putPortMap(tx, switchId, ports)
  if (polled) await setPolled(tx, switchId, polled)
}
