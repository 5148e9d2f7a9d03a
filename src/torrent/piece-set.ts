import { LunaError } from '../errors.ts'

/** Which pieces of a torrent somebody has, a bit for each; the first piece is the highest bit of the first byte (BEP 3). */
export class PieceSet {
  readonly pieceCount: number
  readonly #bytes: Uint8Array
  #size = 0

  constructor(pieceCount: number) {
    this.pieceCount = pieceCount
    this.#bytes = new Uint8Array(Math.ceil(pieceCount / 8))
  }

  /** @throws LunaError when it is of another length, or has bits behind the last piece */
  static fromBitfield(pieceCount: number, bits: Uint8Array): PieceSet {
    const set = new PieceSet(pieceCount)
    const spare = set.#bytes.length * 8 - pieceCount
    if (bits.length !== set.#bytes.length || (spare > 0 && (bits.at(-1)! & ((1 << spare) - 1)) !== 0))
      throw new LunaError('invalid', `that bitfield is not one of ${pieceCount} pieces`)
    for (let piece = 0; piece < pieceCount; piece++) if (bits[piece >> 3]! & (0x80 >> (piece & 7))) set.add(piece)
    return set
  }

  static full(pieceCount: number): PieceSet {
    const set = new PieceSet(pieceCount)
    for (let piece = 0; piece < pieceCount; piece++) set.add(piece)
    return set
  }

  /** How many there are. */
  get size(): number {
    return this.#size
  }

  get complete(): boolean {
    return this.#size === this.pieceCount
  }

  has(piece: number): boolean {
    return (this.#bytes[piece >> 3]! & (0x80 >> (piece & 7))) !== 0
  }

  /** @returns whether it was not there */
  add(piece: number): boolean {
    if (this.has(piece)) return false
    this.#bytes[piece >> 3]! |= 0x80 >> (piece & 7)
    this.#size++
    return true
  }

  *[Symbol.iterator](): Generator<number, void, void> {
    for (let piece = 0; piece < this.pieceCount; piece++) if (this.has(piece)) yield piece
  }
}
