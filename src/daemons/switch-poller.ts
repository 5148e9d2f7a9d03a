import { setTimeout as sleep } from 'node:timers/promises'
import { formatAddress } from '../domain/address.ts'
import type { Switch } from '../domain/switch.ts'
import type { Luna } from '../luna.ts'
import { listPolledSwitches, type PolledSwitch, pollSwitch } from '../operations/switch-polls.ts'
import type { Log } from './log.ts'

/** Between two polls of a switch; a quarter more or less, so that a hundred switches are not asked at the same moment for ever. */
const intervalMs = 20_000
/** Least time between two polls of a switch, however many machines ask. */
const hurriedMs = 5_000
/** How often it is looked who is due. */
const tickMs = 1_000
/** Switches that are asked at once. */
const mostAtOnce = 32

interface Polled {
  target: string
  startedAtMs: number
  dueAtMs: number
  /** Whether it was said in the log that something is wrong with it. */
  troubled: boolean
}

/** Asks the switches again and again which machine is at which port. Follows what is added, changed and deleted. */
export class SwitchPoller {
  readonly #luna: Luna
  readonly #log: Log
  readonly #signal: AbortSignal
  /** By the switch's id. */
  readonly #polled = new Map<number, Polled>()
  readonly #polling = new Map<number, Promise<void>>()
  #hurried = false
  #listTrouble = ''

  constructor(luna: Luna, log: Log, signal: AbortSignal) {
    this.#luna = luna
    this.#log = log
    this.#signal = signal
  }

  /** A machine asks that nobody knows: switches with nodes that have no MAC yet are asked soon. */
  hurry(): void {
    this.#hurried = true
  }

  /** Polls until the signal; resolves when the last poll has ended. */
  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#pollDue()
      await sleep(tickMs, undefined, { signal: this.#signal }).catch(() => {})
    }
    await Promise.all(this.#polling.values())
  }

  async #pollDue(): Promise<void> {
    const hurried = this.#hurried
    this.#hurried = false
    const now = Date.now()
    const switches = await this.#list()
    if (!switches) return
    for (const id of this.#polled.keys()) if (!switches.some(({ one }) => one.id === id)) this.#polled.delete(id)
    for (const found of switches)
      if (this.#polling.size < mostAtOnce && !this.#polling.has(found.one.id) && this.#isDue(found, hurried, now))
        this.#start(found, now)
  }

  async #list(): Promise<PolledSwitch[] | undefined> {
    try {
      const switches = await listPolledSwitches(this.#luna)
      this.#listTrouble = ''
      return switches
    } catch (error) {
      const { message } = error as Error
      if (message !== this.#listTrouble) this.#log.warn({}, `cannot read the list of switches: ${message}`)
      this.#listTrouble = message
      return undefined
    }
  }

  #isDue({ one, target, awaited }: PolledSwitch, hurried: boolean, now: number): boolean {
    const polled = this.#polled.get(one.id)
    if (!polled || polled.target !== target || now >= polled.dueAtMs) return true
    return hurried && awaited && now >= polled.startedAtMs + hurriedMs
  }

  #start({ one, target }: PolledSwitch, now: number): void {
    const polled: Polled = {
      target,
      startedAtMs: now,
      dueAtMs: now + intervalMs * (0.75 + Math.random() / 2),
      troubled: this.#polled.get(one.id)?.troubled ?? false,
    }
    this.#polled.set(one.id, polled)
    this.#polling.set(
      one.id,
      this.#poll(one, polled).finally(() => this.#polling.delete(one.id)),
    )
  }

  async #poll(one: Switch, polled: Polled): Promise<void> {
    const name = `switch "${one.name}" (${formatAddress(one.address)})`
    try {
      const trouble = await pollSwitch(this.#luna, one, this.#signal)
      if (this.#signal.aborted) return
      if (trouble && !polled.troubled) this.#log.warn({}, `${name} ${trouble}`)
      if (!trouble && polled.troubled) this.#log.info({}, `${name} is all right again`)
      polled.troubled = trouble !== ''
    } catch (error) {
      if (!this.#signal.aborted) this.#log.warn({ err: error }, `${name}: its answer cannot be stored`)
    }
  }
}
