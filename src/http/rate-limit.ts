import { setTimeout as sleep } from 'node:timers/promises'

/** Lets bytes through at a rate; those who come first go first. */
export class RateLimit {
  readonly #bytesPerSecond: number
  /** When the bytes let through so far will have gone, milliseconds. */
  #busyUntilMs = 0

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond
  }

  async take(bytes: number): Promise<void> {
    const nowMs = performance.now()
    const fromMs = Math.max(nowMs, this.#busyUntilMs)
    this.#busyUntilMs = fromMs + (bytes * 1000) / this.#bytesPerSecond
    if (fromMs > nowMs) await sleep(fromMs - nowMs)
  }
}
