import { encodeMessage, type Message, pieceHeaderBytes, writePieceHeader } from '../../src/torrent/wire/message.ts'

/** Numbers at which programs break, beside those around a torrent's own. */
const edges = [0, 1, 2, 127, 128, 16_383, 16_384, 16_385, 65_535, 65_536, 131_072, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]

/** Makes what no decent peer would send, the same for the same random numbers. */
export class Rubbish {
  readonly random: () => number
  readonly #pieceCount: number
  readonly #longest: number

  /** @param longest bytes that a message may have */
  constructor(random: () => number, pieceCount: number, longest: number) {
    this.random = random
    this.#pieceCount = pieceCount
    this.#longest = longest
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit)
  }

  oneOf<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }

  /** Bytes of a message: sound, sound but for its numbers, spoilt, or noise. */
  message(): Buffer {
    const kind = this.random()
    if (kind < 0.05) return this.bytes(this.below(64))
    const sound = encodeMessage(this.#message(kind < 0.6))
    return kind < 0.85 ? sound : this.spoil(sound)
  }

  /** Changes, cuts, doubles or moves some of it. */
  spoil(bytes: Buffer): Buffer {
    const at = this.below(bytes.length + 1)
    const until = Math.min(bytes.length, at + 1 + this.below(8))
    switch (this.below(4)) {
      case 0: {
        const changed = Buffer.from(bytes)
        for (let index = at; index < until; index++) changed[index] = this.below(256)
        return changed
      }
      case 1:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(until)])
      case 2:
        return Buffer.concat([bytes.subarray(0, until), bytes.subarray(at)])
      default:
        return Buffer.concat([bytes.subarray(0, at), this.bytes(1 + this.below(6)), bytes.subarray(at)])
    }
  }

  /** @param fitting with numbers that the torrent has, mostly */
  #message(fitting: boolean): Message {
    const kind = this.oneOf(['bare', 'piece', 'piece', 'block', 'block', 'block', 'bitfield', 'upload'] as const)
    if (kind === 'bare')
      return {
        kind: this.oneOf(['keepAlive', 'choke', 'unchoke', 'interested', 'notInterested', 'haveAll', 'haveNone']),
      }
    if (kind === 'piece')
      return { kind: this.oneOf(['have', 'have', 'suggest', 'allowedFast']), piece: this.#piece(fitting) }
    if (kind === 'bitfield') return { kind: 'bitfield', bits: this.#bits(fitting) }
    if (kind === 'upload') return { kind: 'reject', block: { piece: this.#piece(fitting), offset: 0, length: 16_384 } }
    const length = fitting && this.random() < 0.9 ? 16_384 : this.#number()
    const offset = fitting ? this.below(4) * 16_384 : this.#number()
    return {
      kind: this.oneOf(['request', 'request', 'cancel']),
      block: { piece: this.#piece(fitting), offset, length },
    }
  }

  #piece(fitting: boolean): number {
    return fitting ? this.below(this.#pieceCount) : this.#number()
  }

  #number(): number {
    return this.random() < 0.5 ? this.oneOf(edges) : this.#pieceCount - 1 + this.below(3)
  }

  #bits(fitting: boolean): Buffer {
    const right = Math.ceil(this.#pieceCount / 8)
    const bits = this.bytes(fitting ? right : this.below(right + 3))
    const spare = right * 8 - this.#pieceCount
    if (fitting && spare > 0) bits[right - 1]! &= 0xff << spare
    return bits
  }

  /** A block that nobody has asked for, as whoever uploads would send it. */
  block(): Buffer {
    const length = this.below(Math.min(this.#longest, 2000))
    const header = Buffer.alloc(pieceHeaderBytes)
    writePieceHeader(header, 0, { piece: this.#piece(true), offset: 0, length })
    return Buffer.concat([header, this.bytes(length)])
  }
}
