import type { Socket } from 'node:net'
import type { PeerNews, SeedSession } from '../../torrent/seed-session.ts'
import { type Block, encodeMessage, MessageReader, pieceHeaderBytes } from '../../torrent/wire/message.ts'
import type { BufferPool } from './buffer-pool.ts'

/** What a connection needs of the torrent that it is about. */
export interface ConnectionHost {
  /** What is sent at once is put together in one of these. */
  buffers: BufferPool
  /** Writes blocks that follow each other in one piece, as they are sent. @returns how many bytes; 0 when there is no way to have them */
  frame(blocks: readonly Block[], wire: Buffer): Promise<number>
  /** The same where nothing has to be waited for; else undefined. */
  frameNow(blocks: readonly Block[], wire: Buffer): number | undefined
  /** Waits until that many bytes may be sent. */
  admit?: ((bytes: number) => Promise<void>) | undefined
  news(connection: PeerConnection, news: readonly PeerNews[]): void
  /** It is over; `reason` says why when it was not the peer's wish. */
  ended(connection: PeerConnection, reason: string | undefined): void
}

/** What is handed over in one call, with headers: a call costs as much as copying some blocks, and so much stays in the processor's cache. */
export const batchBytes = 16 * (pieceHeaderBytes + 16 * 1024)
/** What waits in this process, unread by the peer, before we stop to listen to it: each of its words may cost one of ours. */
const unreadBytes = 1024 * 1024
/**
 * How often the peer is looked after. It is told that we are here (BEP 3: keep-alive), since nodes drop who is silent for 30 s; it is
 * dropped itself when it took nothing of what waits for it since the last time.
 */
const careMs = 10_000
/** BEP 3: peers are dropped after two minutes of silence. */
const silenceMs = 150_000

/** One peer that is being served. */
export class PeerConnection {
  readonly id: number
  readonly peerId: string
  readonly remoteAddress: string
  readonly session: SeedSession
  /** When the peer last said anything, milliseconds. */
  heardMs = performance.now()
  /** Bytes of pieces, without what is around them. */
  sentBytes = 0
  readonly #socket: Socket
  readonly #host: ConnectionHost
  readonly #reader: MessageReader
  readonly #caring: NodeJS.Timeout
  /** Bytes that the kernel had taken when the peer was last looked after. */
  #taken = 0
  #pumping = false
  #reason: string | undefined
  #closed = false

  constructor(
    options: { id: number; peerId: string; session: SeedSession; longestMessage: number },
    socket: Socket,
    host: ConnectionHost,
  ) {
    this.id = options.id
    this.peerId = options.peerId
    this.session = options.session
    this.remoteAddress = socket.remoteAddress ?? ''
    this.#socket = socket
    this.#host = host
    this.#reader = new MessageReader(options.longestMessage)
    this.#caring = setInterval(() => this.#care(), careMs)
    socket.on('data', bytes => this.take(bytes))
    socket.on('error', error => this.close(error.message))
    socket.on('close', () => this.close())
    socket.resume()
  }

  /** Takes what the peer sent; a peer that breaks the protocol is dropped. */
  take(bytes: Buffer): void {
    this.heardMs = performance.now()
    // one write for all: each that waits costs many times its bytes
    const replies: Buffer[] = []
    const allNews: PeerNews[] = []
    try {
      for (const message of this.#reader.take(bytes)) {
        const { reply, news } = this.session.take(message)
        if (reply) replies.push(reply)
        if (news) allNews.push(news)
      }
      if (replies.length > 0) this.#send(Buffer.concat(replies))
      if (allNews.length > 0) this.#host.news(this, allNews)
    } catch (error) {
      this.close((error as Error).message)
    }
    if (this.session.requests.length > 0) void this.#pump()
  }

  offer(pieces: readonly number[]): void {
    this.#send(Buffer.concat(pieces.map(piece => this.session.offer(piece))))
  }

  close(reason?: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#reason = reason
    clearInterval(this.#caring)
    this.#socket.destroy()
    this.#host.ended(this, this.#reason)
  }

  #send(bytes: Buffer | undefined): void {
    if (this.#closed || !bytes) return
    this.#socket.write(bytes)
    if (this.#socket.writableLength < unreadBytes || this.#socket.isPaused()) return
    this.#socket.pause()
    this.#socket.once('drain', () => this.#socket.resume())
  }

  #care(): void {
    const taken = this.#socket.bytesWritten - this.#socket.writableLength
    if (this.#socket.writableLength > 0 && taken === this.#taken) this.close('it takes nothing any more')
    else if (this.heardMs < performance.now() - silenceMs) this.close('it has said nothing for minutes')
    this.#taken = taken
    this.#send(encodeMessage({ kind: 'keepAlive' }))
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (this.session.requests.length > 0 && !this.#closed) {
        const blocks = this.#takeBatch()
        if (this.#host.admit) await this.#host.admit(blocks.reduce((bytes, { length }) => bytes + length, 0))
        await this.#sendBlocks(blocks)
      }
    } catch (error) {
      this.close((error as Error).message)
    } finally {
      this.#pumping = false
    }
  }

  #takeBatch(): Block[] {
    const { requests } = this.session
    let [count, bytes] = [0, 0]
    while (count < requests.length) {
      bytes += pieceHeaderBytes + requests[count]!.length
      if (bytes > batchBytes) break
      count++
    }
    return requests.splice(0, count)
  }

  /** Waits until the kernel has taken them: what queues here goes out before anything more urgent. */
  async #sendBlocks(blocks: readonly Block[]): Promise<void> {
    const wire = this.#host.buffers.take()
    let end = 0
    for (const run of runsOf(blocks)) {
      const into = wire.subarray(end)
      const framed = this.#host.frameNow(run, into) ?? (await this.#host.frame(run, into))
      if (framed === 0) for (const block of run) this.#send(this.session.refuse(block).reply)
      else this.sentBytes += framed - run.length * pieceHeaderBytes
      end += framed
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#socket.write(wire.subarray(0, end), () => resolve())
    if (this.#socket.writableLength > 0) await promise
    this.#host.buffers.giveBack(wire)
  }
}

/** Blocks of one piece that follow each other are read at once. */
function* runsOf(blocks: readonly Block[]): Generator<Block[], void, void> {
  let start = 0
  for (let index = 1; index <= blocks.length; index++) {
    const [last, next] = [blocks[index - 1]!, blocks[index]]
    if (next?.piece === last.piece && next.offset === last.offset + last.length) continue
    yield blocks.slice(start, index)
    start = index
  }
}
