import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exec } from '../effects/exec.ts'
import { LunaError } from '../errors.ts'
import type { PublishedTorrent } from '../operations/published-torrents.ts'
import { seedTorrent } from '../operations/seed-torrent.ts'
import { type PortRange, takeFreePort } from './free-port.ts'
import type { Log } from './log.ts'
import type { SeedStatus } from './seeder.ts'

export interface Aria2SeedingOptions {
  torrent: PublishedTorrent
  ports: PortRange
  /** Shared by all seedings of a head. */
  takenPorts: Set<number>
  exec: Exec
  log: Log
  uploadLimit?: number | undefined
}

/** Waits between tries: doubled each time, and from the beginning again after a run of some length. */
const backoff = { firstMs: 500, mostMs: 30_000, forgottenAfterMs: 60_000 }
/** aria2's last lines that are kept for the log. */
const keptLines = 6

/** One torrent seeded by one aria2c, which is started again whenever it ends. */
export class Aria2Seeding {
  readonly status: SeedStatus
  /** Resolves when it seeds, or its first try has failed. */
  readonly settled: Promise<void>
  readonly #options: Aria2SeedingOptions
  readonly #stop = new AbortController()
  readonly #settle: () => void
  readonly #ended: Promise<void>

  constructor(options: Aria2SeedingOptions) {
    this.#options = options
    this.status = { infoHash: options.torrent.infoHash, port: undefined, seeding: false, restarts: 0 }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.settled = promise
    this.#settle = resolve
    this.#ended = this.#keepSeeding()
  }

  /** Resolves when its process is gone. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#ended
  }

  async #keepSeeding(): Promise<void> {
    const { log, torrent } = this.#options
    let waitMs = backoff.firstMs
    while (!this.#stop.signal.aborted) {
      const startedMs = Date.now()
      const reason = await this.#seedOnce().catch(error => error)
      this.status.seeding = false
      this.#settle()
      if (this.#stop.signal.aborted) break
      if (Date.now() - startedMs > backoff.forgottenAfterMs) waitMs = backoff.firstMs
      log.warn({ err: reason, torrent: torrent.name, waitMs }, `seeding ${torrent.name} ended: ${reason.message}`)
      await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => {})
      waitMs = Math.min(waitMs * 2, backoff.mostMs)
      this.status.restarts++
    }
    if (this.status.port !== undefined) this.#options.takenPorts.delete(this.status.port)
  }

  /** @returns why it ended */
  async #seedOnce(): Promise<LunaError> {
    const { exec, torrent, uploadLimit } = this.#options
    await checkData(torrent)
    const port = await this.#takePort()
    if (this.#stop.signal.aborted) return new LunaError('failed', 'stopped')
    const child = seedTorrent({ exec }, { ...torrent, port, uploadLimit })
    // nothing to lose: it writes nothing, and its peers find each other without a goodbye
    const kill = () => child.kill('SIGKILL')
    this.#stop.signal.addEventListener('abort', kill)
    const lines = this.#readOutput(child)
    try {
      const [status, signal] = (await once(child, 'close')) as [number | null, string | null]
      return new LunaError('failed', `aria2c ended with ${signal ?? `status ${status}`}: ${lines.join(' | ')}`)
    } finally {
      this.#stop.signal.removeEventListener('abort', kill)
    }
  }

  /** The port that it had, as peers know it, else one that depends on the torrent, so that a restarted daemon finds the same. */
  async #takePort(): Promise<number> {
    const { ports, takenPorts, torrent } = this.#options
    const before = this.status.port
    if (before !== undefined) takenPorts.delete(before)
    const preferred = before === undefined ? Number.parseInt(torrent.infoHash.slice(0, 8), 16) : before - ports.min
    this.status.port = await takeFreePort(ports, preferred, takenPorts)
    return this.status.port
  }

  #readOutput(child: ChildProcess): string[] {
    const { log, torrent } = this.#options
    const lines: string[] = []
    const onLine = (line: string) => {
      if (line.trim() === '') return
      lines.push(line.trim())
      lines.splice(0, lines.length - keptLines)
      if (this.status.seeding || !line.includes('BitTorrent: listening')) return
      this.status.seeding = true
      this.#settle()
      log.info({ torrent: torrent.name, port: this.status.port }, `seeding ${torrent.name}`)
    }
    for (const stream of [child.stdout!, child.stderr!]) createInterface({ input: stream }).on('line', onLine)
    return lines
  }
}

/** aria2 is told not to verify what it seeds, and would make up a file that is missing. */
async function checkData({ dataDirectory, name, sizeBytes }: PublishedTorrent): Promise<void> {
  const path = join(dataDirectory, name)
  const size = await stat(path).then(
    stats => stats.size,
    cause => {
      throw new LunaError('failed', `cannot read ${path}: ${cause.message}`, { cause })
    },
  )
  if (size === sizeBytes) return
  throw new LunaError('failed', `${path} has ${size} bytes, and was packed with ${sizeBytes}; pack the image again`)
}
