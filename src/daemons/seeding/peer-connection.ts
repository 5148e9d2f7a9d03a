import type { Socket } from 'node:net'
import type { PeerNews, SeedSession } from '../../torrent/seed-session.ts'
import { type Block, encodeMessage, encodePieceHeader, MessageReader } from '../../torrent/wire/message.ts'
import type { Lent } from './piece-cache.ts'

/** What a connection needs of the torrent that it is about. */
export interface ConnectionHost {
  /** @returns undefined when there is no way to have it */
  lend(block: Block): Promise<Lent | undefined>
  /** Waits until that many bytes may be sent. */
  admit?: ((bytes: number) => Promise<void>) | undefined
  news(connection: PeerConnection, news: PeerNews): void
  /** It is over; `reason` says why when it was not the peer's wish. */
  ended(connection: PeerConnection, reason: string | undefined): void
}

/** Bytes handed to the kernel at most: what queues here goes out before anything more urgent. */
const aheadBytes = 256 * 1024
/** Blocks of so many bytes are handed over in one call: a call costs as much as copying some of them. */
const batchBytes = 256 * 1024
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
    try {
      for (const message of this.#reader.take(bytes)) {
        if (this.#closed) return
        const { reply, news } = this.session.take(message)
        if (reply) replies.push(reply)
        if (news) this.#host.news(this, news)
      }
      if (replies.length > 0) this.#send(Buffer.concat(replies))
    } catch (error) {
      this.close((error as Error).message)
    }
    void this.#pump()
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
      while (this.session.requests.length > 0 && !this.#closed) await this.#sendBlocks(this.#takeBatch())
    } catch (error) {
      this.close((error as Error).message)
    } finally {
      this.#pumping = false
    }
  }

  #takeBatch(): Block[] {
    const { requests } = this.session
    let [count, bytes] = [0, 0]
    while (count < requests.length && bytes < batchBytes) bytes += requests[count++]!.length
    return requests.splice(0, count)
  }

  async #sendBlocks(blocks: readonly Block[]): Promise<void> {
    await this.#host.admit?.(blocks.reduce((bytes, { length }) => bytes + length, 0))
    const lent: (Lent | undefined)[] = []
    for (const block of blocks) lent.push(await this.#host.lend(block))
    this.#socket.cork()
    for (const [index, block] of blocks.entries()) this.#sendBlock(block, lent[index])
    this.#socket.uncork()
    if (this.#socket.writableLength > aheadBytes) await this.#drained()
  }

  #sendBlock(block: Block, lent: Lent | undefined): void {
    if (!lent) {
      this.#send(this.session.refuse(block).reply)
    } else if (this.#closed) {
      lent.giveBack()
    } else {
      this.#socket.write(encodePieceHeader(block))
      this.#socket.write(lent.bytes, lent.giveBack)
      this.sentBytes += lent.bytes.length
    }
  }

  #drained(): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        this.#socket.off('drain', done)
        this.#socket.off('close', done)
        resolve()
      }
      this.#socket.on('drain', done)
      this.#socket.on('close', done)
    })
  }
}
