import { setTimeout as sleep } from 'node:timers/promises'
import { formatAddress } from '../domain/address.ts'
import type { Caller } from '../domain/caller.ts'
import type { Hardware } from '../domain/hardware.ts'
import type { Mac } from '../domain/mac.ts'
import { type Sighting, sightingOf } from '../domain/machine.ts'
import type { Luna } from '../luna.ts'
import { forgetOldMachines, listMacsOfNodes, putMachine, type SeenMachine } from '../store/machines.ts'
import type { Tx } from '../store/store.ts'

/**
 * What strangers on the network may make the head keep: machines altogether, and of those that asked from one address, so that a single one
 * with a thousand faces does not push out the rack that is waiting.
 */
const mostMachines = 10_000
const mostMachinesOfAddress = 16
/** A machine that shows nothing new is stored again after so long. */
const rewriteMs = 60_000
/** How long a machine waits to be stored, and how many are stored at once: a transaction of some milliseconds, which nobody notices. */
const pauseMs = 100
const mostAtOnce = 32
/** Machines waiting to be stored; others come again by themselves. */
const mostPending = 4_096

/** Keeps the machines that ask to boot and are not known. Notes cost next to nothing; they are stored soon after. */
export interface UnknownMachines {
  note(hardware: Hardware, caller: Caller): void
  /** Stores everything that was noted. */
  flush(): Promise<void>
}

interface Stored {
  text: string
  atMs: number
  /** How often it asked since. */
  asked: number
}

type Log = { warn(fields: object, message: string): void }
type Noted = SeenMachine & { text: string }

export function createUnknownMachines({ store, clock }: Pick<Luna, 'store' | 'clock'>, log: Log): UnknownMachines {
  const stored = new Map<Mac, Stored>()
  const pending = new Map<Mac, Noted>()
  let storing = Promise.resolve()
  let busy = false

  const storeSome = async (): Promise<void> => {
    const batch = [...pending.entries().take(mostAtOnce)]
    for (const [mac] of batch) pending.delete(mac)
    try {
      await store.write(tx => putMachines(tx, batch))
      for (const [mac, { text, atMs }] of batch) stored.set(mac, { text, atMs, asked: 0 })
      for (const mac of stored.keys().take(Math.max(0, stored.size - mostMachines))) stored.delete(mac)
    } catch (error) {
      log.warn({ err: error }, 'unknown machines cannot be stored; they are noted again when they ask again')
    }
  }
  const storeNext = (): Promise<void> => {
    storing = storing.then(storeSome)
    return storing
  }
  const storeSoon = async (): Promise<void> => {
    if (busy) return
    busy = true
    while (pending.size > 0) {
      await sleep(pauseMs, undefined, { ref: false })
      await storeNext()
    }
    busy = false
  }

  return {
    note(hardware, caller) {
      const sighting = sightingOf(hardware, caller)
      if (!sighting) return
      const noted = noticed(sighting, stored.get(sighting.macs[0]), clock())
      if (!noted || (pending.size >= mostPending && !pending.has(sighting.macs[0]))) return
      pending.set(sighting.macs[0], noted)
      void storeSoon()
    },
    async flush() {
      do await storeNext()
      while (pending.size > 0)
    },
  }
}

/** What is to be stored of a machine; undefined while it shows nothing new. */
function noticed(sighting: Sighting, before: Stored | undefined, atMs: number): Noted | undefined {
  const { address, ...rest } = sighting
  const text = JSON.stringify([formatAddress(address), rest])
  if (before) before.asked++
  if (before?.text === text && Math.abs(atMs - before.atMs) < rewriteMs) return undefined
  return { sighting, text, atMs, asked: before?.asked ?? 1 }
}

async function putMachines(tx: Tx, batch: readonly (readonly [Mac, Noted])[]): Promise<void> {
  const known = await listMacsOfNodes(
    tx,
    batch.flatMap(([, { sighting }]) => sighting.macs),
  )
  let fresh = false
  for (const [, seen] of batch) {
    if (seen.sighting.macs.some(mac => known.has(mac)) || !(await putMachine(tx, seen))) continue
    fresh = true
    await forgetOldMachines(tx, { address: seen.sighting.address, keep: mostMachinesOfAddress })
  }
  if (fresh) await forgetOldMachines(tx, { keep: mostMachines })
}
