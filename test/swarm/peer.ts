import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { encodeHandshake, handshakeBytes } from '../../src/torrent/wire/handshake.ts'
import {
  type Block,
  encodeMessage,
  type Message,
  pieceHeaderBytes,
  writePieceHeader,
} from '../../src/torrent/wire/message.ts'

/** Message numbers that the tests look for (BEP 3). */
const numbers = { have: 4, request: 6, piece: 7 } as const

export const newPeerId = (): Buffer => Buffer.concat([Buffer.from('-XX0000-'), randomBytes(12)])

/** A peer of our own that keeps to the protocol as far as the test wants: one connection, either side's. */
export class Peer {
  readonly socket: Socket
  /** Pieces that the other side said it has. */
  readonly offered: number[] = []
  /** Blocks that the other side has asked for. */
  readonly requests: Block[] = []
  /** Payload of blocks received. */
  receivedBytes = 0
  keepAlives = 0
  greeted = false
  readonly closed: Promise<unknown>
  #rest = Buffer.alloc(0)
  #onMessage: ((number: number, body: Buffer) => void) | undefined

  constructor(socket: Socket, onMessage?: (number: number, body: Buffer) => void) {
    this.socket = socket
    this.#onMessage = onMessage
    this.closed = new Promise(resolve => socket.on('close', resolve))
    socket.on('error', () => {}) // a reset is an end like another
    socket.on('data', bytes => this.#take(bytes))
  }

  static async connect(port: number, options: { host?: string; localAddress?: string } = {}): Promise<Peer> {
    const socket = connect({ port, host: '127.0.0.1', ...options })
    const peer = new Peer(socket)
    await once(socket, 'connect')
    return peer
  }

  /** Connects and says both first words. */
  static async join(
    port: number,
    infoHash: string,
    options: { fast?: boolean; peerId?: Buffer; have?: Message; localAddress?: string } = {},
  ): Promise<Peer> {
    const { fast = true, peerId = newPeerId(), have = { kind: 'haveNone' }, ...local } = options
    const peer = await Peer.connect(port, local)
    peer.socket.write(encodeHandshake({ infoHash, peerId, fast }))
    peer.send(have)
    return peer
  }

  get open(): boolean {
    return !this.socket.destroyed
  }

  send(...messages: Message[]): void {
    this.socket.write(Buffer.concat(messages.map(encodeMessage)))
  }

  request(block: Block): void {
    this.send({ kind: 'request', block })
  }

  sendBlock(block: Block, data: Buffer): void {
    const bytes = Buffer.alloc(pieceHeaderBytes + data.length)
    data.copy(bytes, writePieceHeader(bytes, 0, { ...block, length: data.length }))
    this.socket.write(bytes)
  }

  #take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    if (!this.greeted && this.#rest.length >= handshakeBytes) {
      this.greeted = true
      this.#rest = this.#rest.subarray(handshakeBytes)
    }
    if (!this.greeted) return
    while (this.#rest.length >= 4 && this.#rest.length >= 4 + this.#rest.readUInt32BE(0)) {
      const end = 4 + this.#rest.readUInt32BE(0)
      if (end === 4) this.keepAlives++
      else this.#hear(this.#rest[4]!, this.#rest.subarray(5, end))
      this.#rest = this.#rest.subarray(end)
    }
  }

  #hear(number: number, body: Buffer): void {
    if (number === numbers.have) this.offered.push(body.readUInt32BE(0))
    if (number === numbers.piece) this.receivedBytes += body.length - 8
    if (number === numbers.request)
      this.requests.push({ piece: body.readUInt32BE(0), offset: body.readUInt32BE(4), length: body.readUInt32BE(8) })
    this.#onMessage?.(number, body)
  }
}

/** A peer that says that it has everything and gives what `dataOf` says: what a node with broken memory would, or one that lies. */
export class Uploader {
  readonly server: Server
  readonly sent: Block[] = []
  readonly #sockets = new Set<Socket>()

  constructor(infoHash: string, dataOf: (block: Block) => Buffer | undefined) {
    this.server = createServer(socket => {
      this.#sockets.add(socket)
      const peer = new Peer(socket, () => {
        for (const block of peer.requests.splice(0)) {
          const data = dataOf(block)
          if (!data) continue
          this.sent.push(block)
          peer.sendBlock(block, data)
        }
      })
      socket.write(encodeHandshake({ infoHash, peerId: newPeerId(), fast: true }))
      peer.send({ kind: 'haveAll' }, { kind: 'unchoke' })
    })
  }

  /** @returns the port */
  async listen(address: string): Promise<number> {
    this.server.listen(0, address)
    await once(this.server, 'listening')
    return (this.server.address() as { port: number }).port
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.server.close()
  }
}
