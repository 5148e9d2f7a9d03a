import type { Exec } from '../effects/exec.ts'
import type { PublishedTorrent } from '../operations/published-torrents.ts'
import { Aria2Seeding } from './aria2-seeding.ts'
import type { PortRange } from './free-port.ts'
import type { Log } from './log.ts'
import type { Seeder, SeedStatus } from './seeder.ts'

export interface Aria2SeederOptions {
  exec: Exec
  log: Log
  /** Bytes per second of each torrent; undefined is no limit. */
  uploadLimit?: number | undefined
}

/** Seeds by one aria2c for each torrent. */
export class Aria2Seeder implements Seeder {
  readonly #options: Aria2SeederOptions
  readonly #seedings = new Map<string, Aria2Seeding>()
  /** Those that are being stopped, until they are gone. */
  readonly #leaving = new Set<Promise<void>>()
  readonly #takenPorts = new Set<number>()

  constructor(options: Aria2SeederOptions) {
    this.#options = options
  }

  follow(torrents: readonly PublishedTorrent[], ports: PortRange): void {
    const published = new Map(torrents.map(torrent => [torrent.infoHash, torrent]))
    for (const infoHash of this.#seedings.keys()) if (!published.has(infoHash)) this.#drop(infoHash)
    for (const torrent of published.values()) {
      if (this.#seedings.has(torrent.infoHash)) continue
      const seeding = new Aria2Seeding({ ...this.#options, torrent, ports, takenPorts: this.#takenPorts })
      this.#seedings.set(torrent.infoHash, seeding)
    }
  }

  find(infoHash: string): SeedStatus | undefined {
    return this.#seedings.get(infoHash)?.status
  }

  async settled(infoHash: string): Promise<void> {
    await this.#seedings.get(infoHash)?.settled
  }

  stats(): SeedStatus[] {
    return [...this.#seedings.values()].map(seeding => seeding.status)
  }

  async stop(): Promise<void> {
    for (const infoHash of this.#seedings.keys()) this.#drop(infoHash)
    await Promise.all(this.#leaving)
  }

  #drop(infoHash: string): void {
    const stopped = this.#seedings.get(infoHash)!.stop()
    this.#seedings.delete(infoHash)
    this.#leaving.add(stopped)
    stopped.finally(() => this.#leaving.delete(stopped))
  }
}
