import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { LunaError } from '../../errors.ts'
import { hashBytes } from '../../torrent/metainfo.ts'
import { type PieceLayout, pieceBytes } from '../../torrent/seed-session.ts'
import type { Block } from '../../torrent/wire/message.ts'

/** What is read at once, whatever the pieces: each read is two threads waking each other, which costs as much as copying this. */
const partBytes = 1024 * 1024
/** Parts that are kept: pieces are given in the order of the file, and what one peer got first others may be given next. */
const mostParts = 16

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
  /** How many bytes of it are there: none when it cannot be read. */
  read: Promise<number>
  borrowers: number
}

/**
 * Reads blocks of a file. Buffers are used again and again: with a new one for every piece the seeder spent half its time on collecting
 * them.
 */
export class PieceCache {
  readonly #file: FileHandle
  readonly #layout: PackedFile
  /** By their number, those first that were read first. */
  readonly #parts = new Map<number, Part>()
  readonly #suspected = new Set<number>()

  private constructor(file: FileHandle, layout: PackedFile) {
    this.#file = file
    this.#layout = layout
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
    await this.check(block.piece)
    const start = block.piece * this.#layout.pieceLengthBytes + block.offset
    const [number, offset] = [Math.floor(start / partBytes), start % partBytes]
    const part = this.#parts.get(number) ?? this.#fetch(number)
    part.borrowers++
    if (offset + block.length <= (await part.read))
      return { bytes: part.buffer.subarray(offset, offset + block.length), giveBack: () => part.borrowers-- }
    part.borrowers--
    return { bytes: await this.#readAlone(block), giveBack: () => {} }
  }

  /** The piece may be bad: from now on it is given when its hash is right. (Hashing all of them would cost as much as half the sending.) */
  suspect(piece: number): void {
    this.#suspected.add(piece)
    const start = piece * this.#layout.pieceLengthBytes
    const last = Math.floor((start + this.#layout.pieceLengthBytes - 1) / partBytes)
    for (let number = Math.floor(start / partBytes); number <= last; number++) this.#parts.delete(number)
  }

  /** @throws LunaError when the piece is suspected, and is bad indeed */
  async check(piece: number): Promise<void> {
    if (this.#suspected.has(piece)) await this.#verify(piece)
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #fetch(number: number): Part {
    const buffer = this.#takeBuffer()
    const read = this.#file.read(buffer, 0, partBytes, number * partBytes)
    const part: Part = { buffer, read: read.then(({ bytesRead }) => bytesRead).catch(() => 0), borrowers: 0 }
    this.#parts.set(number, part)
    return part
  }

  /** That of the oldest part that nobody has, as soon as there are enough. */
  #takeBuffer(): Buffer {
    if (this.#parts.size >= mostParts)
      for (const [number, part] of this.#parts) {
        if (part.borrowers > 0) continue
        this.#parts.delete(number)
        return part.buffer
      }
    return Buffer.allocUnsafeSlow(partBytes)
  }

  /** What lies in two parts (peers ask for aligned blocks, as a rule), or in one that could not be read whole. */
  async #readAlone({ piece, offset, length }: Block): Promise<Buffer> {
    const position = piece * this.#layout.pieceLengthBytes + offset
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(length), 0, length, position)
    if (bytesRead === length) return buffer
    throw new LunaError('failed', `the file ends in piece ${piece}; it was cut short`)
  }

  async #verify(piece: number): Promise<void> {
    const bytes = await this.#readAlone({ piece, offset: 0, length: pieceBytes(this.#layout, piece) })
    const expected = this.#layout.pieces.subarray(piece * hashBytes, (piece + 1) * hashBytes)
    if (!createHash('sha1').update(bytes).digest().equals(expected))
      throw new LunaError('failed', `piece ${piece} is not what was packed; the disk or somebody has changed it`)
    this.#suspected.delete(piece)
  }
}
