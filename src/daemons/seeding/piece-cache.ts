import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { LunaError } from '../../errors.ts'
import { hashBytes } from '../../torrent/metainfo.ts'
import type { PieceLayout } from '../../torrent/seed-session.ts'
import type { Block } from '../../torrent/wire/message.ts'

/** Bytes of pieces that are kept: a piece is read once and sent in blocks. */
const keptBytes = 64 * 1024 * 1024

/** How the file was when it was packed. */
export interface PackedFile extends PieceLayout {
  /** The SHA-1 of every piece, one behind the other. */
  pieces: Uint8Array
}

/** Reads blocks of a file, whole pieces at a time. */
export class PieceCache {
  readonly #file: FileHandle
  readonly #layout: PackedFile
  readonly #pieces = new Map<number, Promise<Buffer>>()
  readonly #suspected = new Set<number>()
  readonly #mostPieces: number

  private constructor(file: FileHandle, layout: PackedFile) {
    this.#file = file
    this.#layout = layout
    this.#mostPieces = Math.max(4, Math.floor(keptBytes / layout.pieceLengthBytes))
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

  async read({ piece, offset, length }: Block): Promise<Buffer> {
    return (await this.#piece(piece)).subarray(offset, offset + length)
  }

  /** The piece may be bad: from now on it is given when its hash is right. (Hashing all of them would cost as much as half the sending.) */
  suspect(piece: number): void {
    this.#suspected.add(piece)
    this.#pieces.delete(piece)
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #piece(piece: number): Promise<Buffer> {
    const present = this.#pieces.get(piece)
    if (present) return present
    const read = this.#read(piece)
    this.#pieces.set(piece, read)
    read.catch(() => this.#pieces.delete(piece))
    const [oldest] = this.#pieces.keys()
    if (this.#pieces.size > this.#mostPieces) this.#pieces.delete(oldest!)
    return read
  }

  async #read(piece: number): Promise<Buffer> {
    const position = piece * this.#layout.pieceLengthBytes
    const length = Math.min(this.#layout.pieceLengthBytes, this.#layout.sizeBytes - position)
    const { buffer, bytesRead } = await this.#file.read(Buffer.allocUnsafeSlow(length), 0, length, position)
    if (bytesRead < length) throw new LunaError('failed', `the file ends in piece ${piece}; it was cut short`)
    if (this.#suspected.has(piece)) this.#verify(piece, buffer)
    return buffer
  }

  #verify(piece: number, bytes: Buffer): void {
    const expected = this.#layout.pieces.subarray(piece * hashBytes, (piece + 1) * hashBytes)
    if (!createHash('sha1').update(bytes).digest().equals(expected))
      throw new LunaError('failed', `piece ${piece} is not what was packed; the disk or somebody has changed it`)
    this.#suspected.delete(piece)
  }
}
