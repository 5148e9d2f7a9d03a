import type { Socket } from 'node:net'
import { join } from 'node:path'
import { RateLimit } from '../../http/rate-limit.ts'
import type { PublishedTorrent } from '../../operations/published-torrents.ts'
import { OneCopyPlan } from '../../torrent/one-copy-plan.ts'
import { parsePeerAddress } from '../../torrent/peer-address.ts'
import { type PeerNews, pieceCountOf, SeedSession } from '../../torrent/seed-session.ts'
import type { Handshake } from '../../torrent/wire/handshake.ts'
import type { Block } from '../../torrent/wire/message.ts'
import type { Log } from '../log.ts'
import type { PeerProgress } from '../seeder.ts'
import { BufferPool } from './buffer-pool.ts'
import { batchBytes, PeerConnection } from './peer-connection.ts'
import { PieceFile } from './piece-file.ts'
import { readTorrent } from './read-torrent.ts'

/** How often slow and hungry peers are looked for. */
const tickMs = 100
/** Peers of BEP 6 say at once what they have; others have nothing when they say nothing for this long. */
const introductionMs = 1000
/** A connection this silent makes room for another of the same machine, which was reset and cannot have said goodbye. */
const silentMs = 10_000
/** Pieces that cannot be read and are named, one by one, in the log. */
const mostLaments = 5
const complaintMs = 60_000
/** Extension messages are longer than ours. */
const longestMessage = 64 * 1024

/** One torrent, and the peers that fetch it from the head. */
export class TorrentSeeding {
  readonly torrent: PublishedTorrent
  readonly #log: Log
  readonly #pieces: PieceFile
  readonly #buffers = new BufferPool(batchBytes)
  readonly #plan: OneCopyPlan
  readonly #limit: RateLimit | undefined
  readonly #connections = new Map<number, PeerConnection>()
  /** Those that have said nothing yet. They may have everything: after a restart of ours all come at once with what they have. */
  readonly #strangers = new Set<PeerConnection>()
  readonly #ticking: NodeJS.Timeout
  #lastId = 0
  /** Peers that have been named in the log since `#complainedMs`: one that comes again and again is not to fill it. */
  readonly #complained = new Set<string>()
  #complainedMs = 0
  #lostPieces = 0
  /** One piece after the other: nodes are waiting for others. */
  #examined: Promise<void> = Promise.resolve()
  #closed = false

  private constructor(torrent: PublishedTorrent, pieces: PieceFile, log: Log, uploadLimit: number | undefined) {
    this.torrent = torrent
    this.#log = log
    this.#pieces = pieces
    this.#plan = new OneCopyPlan({ pieceCount: pieceCountOf(torrent) })
    this.#limit = uploadLimit === undefined ? undefined : new RateLimit(uploadLimit)
    this.#ticking = setInterval(() => this.#tick(), tickMs)
  }

  /** @throws LunaError when the file or its torrent is not there, or not the one that was packed */
  static async open(torrent: PublishedTorrent, log: Log, uploadLimit?: number): Promise<TorrentSeeding> {
    const { pieces: hashes } = await readTorrent(torrent)
    const pieces = await PieceFile.open(join(torrent.dataDirectory, torrent.name), { ...torrent, pieces: hashes })
    return new TorrentSeeding(torrent, pieces, log, uploadLimit)
  }

  /** Serves a peer that has said that it wants this torrent. @param rest what it said behind its handshake */
  serve(socket: Socket, handshake: Handshake, rest: Buffer): void {
    const session = new SeedSession(this.torrent, handshake.fast)
    const id = ++this.#lastId
    const peerId = handshake.peerId.toString('hex')
    const options = { id, peerId, session, longestMessage: longestMessage + pieceCountOf(this.torrent) / 8 }
    const limit = this.#limit
    const connection = new PeerConnection(options, socket, {
      buffers: this.#buffers,
      frame: (blocks, wire) => this.#frame(blocks, wire),
      frameNow: (blocks, wire) => this.#pieces.frameNow(blocks, wire),
      admit: limit && (bytes => limit.take(bytes)),
      news: (from, news) => this.#hear(from, news),
      ended: (from, reason) => this.#drop(from, reason),
    })
    this.#replace(connection)
    this.#connections.set(id, connection)
    this.#strangers.add(connection)
    socket.write(session.greeting())
    connection.take(rest)
  }

  progress(): PeerProgress[] {
    const { sizeBytes, pieceLengthBytes } = this.torrent
    const nowMs = performance.now()
    return [...this.#connections.values()].map(({ id, remoteAddress, sentBytes }) => {
      const { pieces, perSecond } = this.#plan.progressOf(id, nowMs)
      return {
        address: parsePeerAddress(remoteAddress).text,
        haveBytes: Math.min(sizeBytes, pieces * pieceLengthBytes),
        bytesPerSecond: perSecond * pieceLengthBytes,
        sentBytes,
      }
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#ticking)
    for (const connection of this.#connections.values()) connection.close()
    await this.#examined
    await this.#pieces.close()
  }

  async #frame(blocks: readonly Block[], wire: Buffer): Promise<number> {
    return (await this.#orWithhold(blocks[0]!.piece, () => this.#pieces.frame(blocks, wire))) ?? 0
  }

  /** A node that was given a bad piece closes its door to the head, for good. It does not say why: so look at what it had been given. */
  #examine(pieces: readonly number[]): void {
    for (const piece of pieces) {
      this.#pieces.suspect(piece)
      this.#examined = this.#examined.then(() => this.#orWithhold(piece, () => this.#pieces.check(piece)))
    }
  }

  /** @returns undefined when it cannot be read: nobody is offered its piece any more */
  async #orWithhold<T>(piece: number, read: () => Promise<T>): Promise<T | undefined> {
    if (this.#closed) return undefined
    try {
      return await read()
    } catch (error) {
      if (this.#plan.withhold(piece)) this.#lament(piece, error as Error)
      return undefined
    }
  }

  #lament(piece: number, error: Error): void {
    const { name } = this.torrent
    if (++this.#lostPieces > mostLaments) return
    const more = this.#lostPieces === mostLaments ? ' (no more pieces will be named)' : ''
    const advice = 'nodes get it from each other or not at all: pack the image again'
    this.#log.error({ err: error, torrent: name, piece }, `${name}: ${error.message}; ${advice}${more}`)
  }

  #replace(connection: PeerConnection): void {
    const sinceMs = performance.now() - silentMs
    for (const other of this.#connections.values())
      if (
        other.peerId === connection.peerId ||
        (other.remoteAddress === connection.remoteAddress && other.heardMs < sinceMs)
      )
        other.close('the same machine came again')
  }

  #hear(connection: PeerConnection, news: readonly PeerNews[]): void {
    const nowMs = performance.now()
    const { id } = connection
    this.#introduce(connection)
    for (const one of news) {
      if (one.kind === 'has') this.#plan.haveAlready(id, one.pieces, nowMs)
      else if (one.kind === 'got') this.#plan.have(id, one.piece, nowMs)
      else this.#plan.asked(id, one.piece)
    }
    this.#offer()
  }

  #introduce(connection: PeerConnection): void {
    if (this.#strangers.delete(connection)) this.#plan.addPeer(connection.id)
  }

  #offer(): void {
    const byPeer = Map.groupBy(this.#plan.offers(performance.now()), ({ peer }) => peer)
    for (const [peer, offers] of byPeer) this.#connections.get(peer)?.offer(offers.map(({ piece }) => piece))
  }

  #tick(): void {
    this.#plan.tick(performance.now())
    const sinceMs = performance.now() - introductionMs
    for (const connection of this.#strangers)
      if (connection.session.introduced || connection.heardMs < sinceMs) this.#introduce(connection)
    this.#offer()
  }

  #complain(peer: string, reason: string): void {
    const nowMs = performance.now()
    if (nowMs > this.#complainedMs + complaintMs) this.#complained.clear()
    if (this.#complained.size === 0) this.#complainedMs = nowMs
    if (this.#complained.has(peer)) return
    this.#complained.add(peer)
    this.#log.warn({ peer, torrent: this.torrent.name }, `dropped ${peer}: ${reason}`)
  }

  #drop(connection: PeerConnection, reason: string | undefined): void {
    if (this.#connections.get(connection.id) === connection) this.#connections.delete(connection.id)
    this.#examine(this.#plan.underWayTo(connection.id))
    this.#strangers.delete(connection)
    this.#plan.removePeer(connection.id)
    if (reason !== undefined && !/ECONNRESET|EPIPE/.test(reason)) this.#complain(connection.remoteAddress, reason)
  }
}
