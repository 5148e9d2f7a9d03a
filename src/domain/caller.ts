import { LunaError } from '../errors.ts'
import type { Address } from './address.ts'
import { formatAddress } from './address.ts'
import type { Mac } from './mac.ts'

/** Who sent a request, as the head's own kernel knows it; nothing of it is what the request says. */
export interface Caller {
  address: Address
  port: number
  /** It came from one of the head's own addresses. */
  own: boolean
  /** MACs of the address in the neighbour table; undefined when no network attached to the head has it. */
  neighbours: readonly Mac[] | undefined
}

/** Whether it can be the machine with one of these MACs: always, where the head is too far away to see its MAC. */
export const canHave = ({ neighbours }: Caller, macs: readonly (Mac | undefined)[]): boolean =>
  neighbours === undefined || macs.some(mac => mac !== undefined && neighbours.includes(mac))

/** Ports that only root can send from (RFC 1340 "well known", ip_unprivileged_port_start of ip-sysctl). */
const firstUnprivilegedPort = 1024

/** Refuses who is not root on the machine with that MAC. */
export function checkRootOf(caller: Caller, node: { name: string; mac: Mac | undefined }): void {
  if (caller.port >= firstUnprivilegedPort)
    throw new LunaError('forbidden', `node "${node.name}" must ask from a port below 1024, not from ${caller.port}`)
  checkMachine(caller, node)
}

/** Refuses who is not the machine with that MAC, where the head can tell. */
export function checkMachine(caller: Caller, node: { name: string; mac: Mac | undefined }): void {
  if (canHave(caller, [node.mac])) return
  throw new LunaError('forbidden', `${describeMachine(caller)} is not node "${node.name}" (${node.mac ?? 'no MAC'})`)
}

/** `10.30.0.1 (52:54:00:00:00:01)` */
export const describeMachine = ({ address, neighbours }: Caller): string =>
  `${formatAddress(address)} (${neighbours?.join(', ') || 'MAC unknown'})`
