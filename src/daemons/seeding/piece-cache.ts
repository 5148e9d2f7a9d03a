import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { LunaError } from '../../errors.ts'
import { hashBytes } from '../../torrent/metainfo.ts'
import { type PieceLayout, pieceBytes } from '../../torrent/seed-session.ts'
import type { Block } from '../../torrent/wire/message.ts'

/** What is read at once: a piece, or of a long one a part. */
const longestPart = 256 * 1024
/** Bytes of parts that are kept: what one peer got first, others may be given next. */
const keptBytes = 16 * 1024 * 1024

/** How the file was when it was packed. */
export interface PackedFile extends PieceLayout {
  /** The SHA-1 of every piece, one behind the other. */
  pieces: Uint8Array
}

/** Bytes of the file that stay as they are until they are given back. */
export interface Lent {
  bytes: Buffer
  giveBack(): void
}

interface Part {
  buffer: Buffer
  read: Promise<void>
  borrowers: number
}

/**
 * Reads blocks of a file. Buffers are used again and again: with a new one for every piece the seeder spent half its time on collecting
 * them.
 */
export class PieceCache {
  readonly #file: FileHandle
  readonly #layout: PackedFile
  readonly #partBytes: number
  readonly #mostParts: number
  /** By their number in the file, those first that were read first. */
  readonly #parts = new Map<number, Part>()
  readonly #suspected = new Set<number>()

  private constructor(file: FileHandle, layout: PackedFile) {
    this.#file = file
    this.#layout = layout
    this.#partBytes = Math.min(longestPart, layout.pieceLengthBytes)
    this.#mostParts = Math.ceil(keptBytes / this.#partBytes)
  }

  /** @throws LunaError when the file is not there, or not the one that was packed */
  static async open(path: string, layout: PackedFile): Promise<PieceCache> {
    const file = await open(path).catch(cause => {
      throw new LunaError('failed', `cannot read ${path}: ${cause.message}`, { cause })
    })
    const { size } = await file.stat()
    if (size === layout.sizeBytes) return new PieceCache(file, layout)
    await file.close()
    throw new LunaError(
      'failed',
      `${path} has ${size} bytes, and was packed with ${layout.sizeBytes}; pack the image again`,
    )
  }

  /** @throws LunaError when the file has not got it any more */
  async lend(block: Block): Promise<Lent> {
    if (this.#suspected.has(block.piece)) await this.#verify(block.piece)
    const lent = await this.#lendParts(block)
    if (lent.length === 1) return lent[0]!
    const bytes = Buffer.concat(lent.map(one => one.bytes))
    for (const { giveBack } of lent) giveBack()
    return { bytes, giveBack: () => {} }
  }

  /** The piece may be bad: from now on it is given when its hash is right. (Hashing all of them would cost as much as half the sending.) */
  suspect(piece: number): void {
    this.#suspected.add(piece)
    const first = piece * this.#partsPerPiece
    for (let part = first; part < first + this.#partsPerPiece; part++) this.#parts.delete(part)
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  get #partsPerPiece(): number {
    return Math.ceil(this.#layout.pieceLengthBytes / this.#partBytes)
  }

  /** Blocks as peers ask for them, aligned, lie in one part. */
  async #lendParts({ piece, offset, length }: Block): Promise<Lent[]> {
    const lent: Lent[] = []
    for (let at = offset; at < offset + length; ) {
      const within = at % this.#partBytes
      const bytes = Math.min(offset + length - at, this.#partBytes - within)
      lent.push(await this.#lendFrom(piece, Math.floor(at / this.#partBytes), within, bytes))
      at += bytes
    }
    return lent
  }

  async #lendFrom(piece: number, partOfPiece: number, offset: number, length: number): Promise<Lent> {
    const part = this.#parts.get(piece * this.#partsPerPiece + partOfPiece) ?? this.#fetch(piece, partOfPiece)
    part.borrowers++
    await part.read
    return { bytes: part.buffer.subarray(offset, offset + length), giveBack: () => part.borrowers-- }
  }

  #fetch(piece: number, partOfPiece: number): Part {
    const number = piece * this.#partsPerPiece + partOfPiece
    const buffer = this.#takeBuffer()
    const part: Part = { buffer, read: this.#read(piece, partOfPiece * this.#partBytes, buffer), borrowers: 0 }
    this.#parts.set(number, part)
    part.read.catch(() => this.#parts.delete(number))
    return part
  }

  /** That of the oldest part that nobody has, as soon as there are enough. */
  #takeBuffer(): Buffer {
    if (this.#parts.size >= this.#mostParts)
      for (const [number, part] of this.#parts) {
        if (part.borrowers > 0) continue
        this.#parts.delete(number)
        return part.buffer
      }
    return Buffer.allocUnsafeSlow(this.#partBytes)
  }

  async #read(piece: number, offset: number, buffer: Buffer): Promise<void> {
    const length = Math.min(this.#partBytes, pieceBytes(this.#layout, piece) - offset)
    const position = piece * this.#layout.pieceLengthBytes + offset
    const { bytesRead } = await this.#file.read(buffer, 0, length, position)
    if (bytesRead < length) throw new LunaError('failed', `the file ends in piece ${piece}; it was cut short`)
  }

  async #verify(piece: number): Promise<void> {
    const length = pieceBytes(this.#layout, piece)
    const hash = createHash('sha1')
    for (let offset = 0; offset < length; offset += this.#partBytes) {
      const part = { piece, offset, length: Math.min(this.#partBytes, length - offset) }
      for (const { bytes, giveBack } of await this.#lendParts(part)) {
        hash.update(bytes)
        giveBack()
      }
    }
    const expected = this.#layout.pieces.subarray(piece * hashBytes, (piece + 1) * hashBytes)
    if (!hash.digest().equals(expected))
      throw new LunaError('failed', `piece ${piece} is not what was packed; the disk or somebody has changed it`)
    this.#suspected.delete(piece)
  }
}
