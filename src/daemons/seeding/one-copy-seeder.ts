import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import type { PublishedTorrent } from '../../operations/published-torrents.ts'
import { encodeHandshake } from '../../torrent/wire/handshake.ts'
import { type PortRange, takeFreePort } from '../free-port.ts'
import type { Log } from '../log.ts'
import type { PeerProgress, Seeder, SeedStatus } from '../seeder.ts'
import { listenForPeers } from './listen-for-peers.ts'
import type { Greeting } from './read-handshake.ts'
import { TorrentSeeding } from './torrent-seeding.ts'

export interface OneCopySeederOptions {
  log: Log
  /** Bytes per second of each torrent; undefined is no limit. */
  uploadLimit?: number | undefined
}

/** BEP 20: who we are, then what makes this run of the program its own. */
const makePeerId = (): Buffer => Buffer.concat([Buffer.from('-LU2000-'), randomBytes(12)])

/** A torrent that is to be seeded, whether or not that works yet. */
interface Followed {
  status: SeedStatus
  seeding: TorrentSeeding | undefined
  /** Resolves when it is seeded, or the present try has failed. */
  settled: Promise<void>
  trouble: string
}

/** Seeds all torrents on one port of this process, each piece once before any twice (`OneCopyPlan`). */
export class OneCopySeeder implements Seeder {
  readonly #log: Log
  readonly #uploadLimit: number | undefined
  readonly #peerId = makePeerId()
  readonly #followed = new Map<string, Followed>()
  #listening: Promise<Server> | undefined
  #port: number | undefined

  constructor({ log, uploadLimit }: OneCopySeederOptions) {
    this.#log = log
    this.#uploadLimit = uploadLimit
  }

  /** What did not work is tried again at each call. */
  follow(torrents: readonly PublishedTorrent[], ports: PortRange): void {
    const published = new Map(torrents.map(torrent => [torrent.infoHash, torrent]))
    for (const infoHash of this.#followed.keys()) if (!published.has(infoHash)) this.#withdraw(infoHash)
    for (const torrent of published.values()) {
      const present = this.#followed.get(torrent.infoHash)
      if (!present) this.#followed.set(torrent.infoHash, this.#start(torrent, ports))
      else if (present.trouble !== '') present.settled = this.#try(torrent, present, ports)
    }
  }

  find(infoHash: string): SeedStatus | undefined {
    return this.#followed.get(infoHash)?.status
  }

  progress(infoHash: string): readonly PeerProgress[] {
    return this.#followed.get(infoHash)?.seeding?.progress() ?? []
  }

  async settled(infoHash: string): Promise<void> {
    await this.#followed.get(infoHash)?.settled
  }

  async stop(): Promise<void> {
    const all = [...this.#followed.values()]
    for (const infoHash of this.#followed.keys()) this.#withdraw(infoHash)
    await Promise.all(all.map(({ settled }) => settled))
    const server = await this.#listening?.catch(() => undefined)
    if (!server) return
    const closed = once(server, 'close')
    server.close()
    await closed
  }

  #start(torrent: PublishedTorrent, ports: PortRange): Followed {
    const status = { infoHash: torrent.infoHash, port: this.#port, seeding: false }
    const followed: Followed = { status, seeding: undefined, settled: Promise.resolve(), trouble: '' }
    followed.settled = this.#try(torrent, followed, ports)
    return followed
  }

  async #try(torrent: PublishedTorrent, followed: Followed, ports: PortRange): Promise<void> {
    const before = followed.trouble
    followed.trouble = ''
    try {
      this.#listening ??= this.#listen(ports)
      await this.#listening
      const seeding = await TorrentSeeding.open(torrent, this.#log, this.#uploadLimit)
      if (this.#followed.get(torrent.infoHash) !== followed) return await seeding.close()
      followed.seeding = seeding
      Object.assign(followed.status, { port: this.#port, seeding: true })
      this.#log.info({ torrent: torrent.name, port: this.#port }, `seeding ${torrent.name}`)
    } catch (error) {
      followed.trouble = (error as Error).message
      if (followed.trouble !== before)
        this.#log.warn({ err: error, torrent: torrent.name }, `cannot seed ${torrent.name}: ${followed.trouble}`)
    }
  }

  #withdraw(infoHash: string): void {
    const followed = this.#followed.get(infoHash)!
    this.#followed.delete(infoHash)
    void followed.seeding?.close()
  }

  async #listen(ports: PortRange): Promise<Server> {
    try {
      this.#port = await takeFreePort(ports, 0, new Set())
      return await listenForPeers(this.#port, this.#log, (socket, greeting) => this.#welcome(socket, greeting))
    } catch (error) {
      this.#listening = undefined
      throw error
    }
  }

  /** Whoever wants what is not here is sent away without a word. */
  #welcome(socket: Socket, { handshake, rest }: Greeting): void {
    const seeding = this.#followed.get(handshake.infoHash)?.seeding
    if (!seeding) return void socket.destroy()
    const { infoHash } = seeding.torrent
    socket.write(encodeHandshake({ infoHash, peerId: this.#peerId, fast: handshake.fast }))
    seeding.serve(socket, handshake, rest)
  }
}
