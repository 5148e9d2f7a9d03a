import { LunaError } from '../errors.ts'
import { PieceSet } from './piece-set.ts'
import { type Block, encodeMessage, type Message } from './wire/message.ts'

/** What is cut into pieces. */
export interface PieceLayout {
  sizeBytes: number
  pieceLengthBytes: number
}

export const pieceCountOf = ({ sizeBytes, pieceLengthBytes }: PieceLayout): number =>
  Math.ceil(sizeBytes / pieceLengthBytes)

export const pieceBytes = (layout: PieceLayout, piece: number): number =>
  Math.min(layout.pieceLengthBytes, layout.sizeBytes - piece * layout.pieceLengthBytes)

/** BEP 3: clients close connections that ask for more than 16 KiB at once; some ask for 32. */
const longestBlock = 128 * 1024
/** Blocks that a peer may have asked for and not got. */
const mostRequests = 4096
/** A peer may be sent what it was offered that many times: it may have had to throw something away, but not for ever. */
const mostTimes = 3

/** What happened to the peer, for who decides what to offer it. */
export type PeerNews = { kind: 'has'; pieces: Iterable<number> } | { kind: 'got' | 'asked'; piece: number }

/** What a message leads to: `reply` is to be sent at once, `news` is for the plan. */
interface Taken {
  reply?: Buffer
  news?: PeerNews
}

const nothing: Taken = {}

/**
 * The head's side of one connection after the handshakes, without input and output: takes the peer's messages, keeps what it asks for.
 * It uploads only, so that interest and choking are of no meaning: everybody is unchoked at once and for good.
 */
export class SeedSession {
  /** Blocks to be sent, in this order. */
  readonly requests: Block[] = []
  readonly #layout: PieceLayout
  readonly #pieceCount: number
  readonly #fast: boolean
  readonly #told: PieceSet
  /** Bytes that the peer may still ask for. */
  #allowance = 0
  #fresh = true
  /** The piece that it asked for last. */
  #asked = -1

  /** @param fast both sides speak BEP 6 */
  constructor(layout: PieceLayout, fast: boolean) {
    this.#layout = layout
    this.#pieceCount = pieceCountOf(layout)
    this.#fast = fast
    this.#told = new PieceSet(this.#pieceCount)
  }

  /** The peer has said something: what it has comes first, if it has anything. */
  get introduced(): boolean {
    return !this.#fresh
  }

  /** What is sent first: that there is nothing yet (BEP 6 wants one of the three ways to say what one has), and that asking is free. */
  greeting(): Buffer {
    const unchoke = encodeMessage({ kind: 'unchoke' })
    return this.#fast ? Buffer.concat([encodeMessage({ kind: 'haveNone' }), unchoke]) : unchoke
  }

  /** Tells the peer of a piece. */
  offer(piece: number): Buffer {
    if (this.#told.add(piece)) this.#allowance += mostTimes * pieceBytes(this.#layout, piece)
    return encodeMessage({ kind: 'have', piece })
  }

  /**
   * Takes a message.
   * @throws LunaError when the peer does not keep to the protocol
   */
  take(message: Message): Taken {
    const first = this.#fresh
    if (message.kind !== 'keepAlive' && message.kind !== 'other') this.#fresh = false
    switch (message.kind) {
      case 'bitfield':
        if (!first) throw new LunaError('invalid', 'the peer sent its bitfield late')
        return { news: { kind: 'has', pieces: PieceSet.fromBitfield(this.#pieceCount, message.bits) } }
      case 'haveAll':
        if (!first) throw new LunaError('invalid', 'the peer sent its bitfield late')
        return { news: { kind: 'has', pieces: PieceSet.full(this.#pieceCount) } }
      case 'haveNone':
        return { news: { kind: 'has', pieces: [] } }
      case 'have':
        if (message.piece >= this.#pieceCount) throw new LunaError('invalid', `there is no piece ${message.piece}`)
        return { news: { kind: 'got', piece: message.piece } }
      case 'request':
        return this.#request(message.block)
      case 'cancel':
        return this.#cancel(message.block)
      default:
        return nothing
    }
  }

  #request(block: Block): Taken {
    this.#check(block)
    if (!this.#told.has(block.piece)) return this.refuse(block)
    if (this.requests.length >= mostRequests) return this.refuse(block)
    if (block.length > this.#allowance)
      throw new LunaError('invalid', 'the peer asks over and over for what it was sent')
    this.#allowance -= block.length
    this.requests.push(block)
    if (block.piece === this.#asked) return nothing
    this.#asked = block.piece
    return { news: { kind: 'asked', piece: block.piece } }
  }

  #cancel(block: Block): { reply?: Buffer } {
    const index = this.requests.findIndex(
      one => one.piece === block.piece && one.offset === block.offset && one.length === block.length,
    )
    if (index < 0) return {}
    this.requests.splice(index, 1)
    this.#allowance += block.length
    return this.refuse(block)
  }

  /** BEP 6: every request is answered, by the block or by this. */
  refuse(block: Block): { reply?: Buffer } {
    return this.#fast ? { reply: encodeMessage({ kind: 'reject', block }) } : {}
  }

  #check({ piece, offset, length }: Block): void {
    if (
      piece >= this.#pieceCount ||
      length < 1 ||
      length > longestBlock ||
      offset + length > pieceBytes(this.#layout, piece)
    )
      throw new LunaError('invalid', `the peer asks for ${length} bytes at ${offset} of piece ${piece}`)
  }
}
