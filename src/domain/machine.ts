import type { Address } from './address.ts'
import type { Caller } from './caller.ts'
import { canHave } from './caller.ts'
import type { Hardware, Identity } from './hardware.ts'
import type { Mac } from './mac.ts'

/** A machine that asks to boot and is no node, as it shows itself once. */
export interface Sighting extends Identity {
  /** The one that it boots from first, then in the order of its firmware. */
  macs: readonly [Mac, ...Mac[]]
  /** Where it asked from. */
  address: Address
}

/** What is kept of it. */
export interface Machine extends Sighting {
  id: number
  firstSeenAtMs: number
  /** When it first asked since it was last silent: the order in which a rack is switched on. */
  arrivedAtMs: number
  lastSeenAtMs: number
  /** How often it asked. */
  asked: number
}

/** A machine at the menu asks every few seconds; one that has not for so long is switched off, or busy with something else. */
export const silenceMs = 15 * 60 * 1000

export const isWaiting = ({ lastSeenAtMs }: Pick<Machine, 'lastSeenAtMs'>, nowMs: number): boolean =>
  nowMs - lastSeenAtMs < silenceMs

/**
 * The MAC of the NIC that the machine boots from: where the head sees it, the announced one that it sees; elsewhere the one that the machine
 * says, or else the first of its firmware. Undefined for one that announces none of its own.
 */
export function bootMacOf({ macs, bootMac }: Pick<Hardware, 'macs' | 'bootMac'>, caller: Caller): Mac | undefined {
  const possible = macs.filter(mac => canHave(caller, [mac]))
  return possible.find(mac => mac === bootMac) ?? possible[0]
}

/** What is to be kept of who asked; undefined when it is no machine: the head itself, or something that hides its MAC. */
export function sightingOf(hardware: Hardware, caller: Caller): Sighting | undefined {
  const mac = caller.own ? undefined : bootMacOf(hardware, caller)
  if (!mac) return undefined
  const { macs, bootMac: _, ...identity } = hardware
  return { ...identity, macs: [mac, ...macs.filter(one => one !== mac)], address: caller.address }
}
