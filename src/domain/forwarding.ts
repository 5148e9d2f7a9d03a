import type { LearnedAt } from './bridge-mib.ts'

/** A MAC at a port as it is stored. */
export interface StoredMac extends LearnedAt {
  id: number
  seenAtMs: number
}

/**
 * How long a MAC stays known that its switch no longer lists, or whose switch no longer answers: as long as switches themselves keep a
 * machine that is silent (IEEE 802.1Q 8.8.3: 300 s).
 */
export const forgetMs = 300_000
/** How old the time of what is still there may grow, so that a poll that shows nothing new writes nothing. */
export const refreshMs = 60_000

export interface ForwardingChange {
  learn: LearnedAt[]
  /** Ids of those that are still there and whose time is old. */
  refresh: number[]
  /** Ids of those that aged, or that the switch has at another port now. */
  forget: number[]
}

/** What a poll changes of what is stored. */
export function changeForwarding(
  stored: readonly StoredMac[],
  learned: readonly LearnedAt[],
  nowMs: number,
): ForwardingChange {
  const keyOf = ({ port, mac }: LearnedAt) => `${port} ${mac}`
  const listed = new Set(learned.map(keyOf))
  const macs = new Set(learned.map(({ mac }) => mac))
  const known = new Set(stored.map(keyOf))
  const old = (one: StoredMac, ms: number) => Math.abs(nowMs - one.seenAtMs) > ms // a clock may have been set back
  return {
    learn: learned.filter(one => !known.has(keyOf(one))),
    refresh: stored.filter(one => listed.has(keyOf(one)) && old(one, refreshMs)).map(({ id }) => id),
    forget: stored
      .filter(one => !listed.has(keyOf(one)) && (macs.has(one.mac) || old(one, forgetMs)))
      .map(({ id }) => id),
  }
}
