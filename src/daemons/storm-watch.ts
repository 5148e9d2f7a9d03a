import type { Storm } from '../domain/storm.ts'
import { stormLine } from '../domain/storm-line.ts'
import type { Log } from './log.ts'

/** Sees when nobody fetches an image any more, and has the storm kept that is over then. */
export class StormWatch {
  readonly #record: (infoHash: string) => Promise<readonly Storm[]>
  readonly #log: Log
  /** By info-hash: when somebody was last seen to fetch it; none when what came of it is kept. */
  readonly #busyAtMs = new Map<string, number | undefined>()

  constructor(record: (infoHash: string) => Promise<readonly Storm[]>, log: Log) {
    this.#record = record
    this.#log = log
  }

  /**
   * @param infoHashes of what is published; the storm of what no longer is may not be kept yet
   * @param quietMs how long nobody must have been seen fetching
   */
  async look(infoHashes: readonly string[], isBusy: (infoHash: string) => boolean, quietMs: number): Promise<void> {
    const nowMs = performance.now()
    // at first sight a storm may have ended while this was not running
    for (const infoHash of infoHashes)
      if (isBusy(infoHash) || !this.#busyAtMs.has(infoHash)) this.#busyAtMs.set(infoHash, nowMs)
    for (const [infoHash, busyAtMs] of this.#busyAtMs) {
      if (busyAtMs === undefined || nowMs - busyAtMs < quietMs) continue
      if (infoHashes.includes(infoHash)) this.#busyAtMs.set(infoHash, undefined)
      else this.#busyAtMs.delete(infoHash)
      await this.#keep(infoHash)
    }
  }

  async #keep(infoHash: string): Promise<void> {
    try {
      for (const storm of await this.#record(infoHash)) this.#log.info({}, `boot storm over: ${stormLine(storm)}`)
    } catch (error) {
      this.#log.warn({ err: error }, `what became of a boot storm is not kept: ${(error as Error).message}`)
    }
  }
}
