import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { LunaError } from '../../errors.ts'
import { hashBytes } from '../../torrent/metainfo.ts'
import { type PieceLayout, pieceBytes } from '../../torrent/seed-session.ts'
import { type Block, pieceHeaderBytes, writePieceHeader } from '../../torrent/wire/message.ts'

/** A read that takes so long may have come from a disk. */
const slowMs = 5
/** If so, threads read for so long, while this one answers others. */
const threadsMs = 1000

/** How the file was when it was packed. */
export interface PackedFile extends PieceLayout {
  /** The SHA-1 of every piece, one behind the other. */
  pieces: Uint8Array
}

/** The file that is seeded. */
export class PieceFile {
  readonly #file: FileHandle
  readonly #layout: PackedFile
  readonly #suspected = new Set<number>()
  #slowUntilMs = 0
  /** Of this process, until a read was slow the last time. */
  #diskReads = process.resourceUsage().fsRead

  private constructor(file: FileHandle, layout: PackedFile) {
    this.#file = file
    this.#layout = layout
  }

  /** @throws LunaError when the file is not there, or not the one that was packed */
  static async open(path: string, layout: PackedFile): Promise<PieceFile> {
    const file = await open(path).catch(cause => {
      throw new LunaError('failed', `cannot read ${path}: ${cause.message}`, { cause })
    })
    const { size } = await file.stat()
    if (size === layout.sizeBytes) return new PieceFile(file, layout)
    await file.close()
    throw new LunaError(
      'failed',
      `${path} has ${size} bytes, and was packed with ${layout.sizeBytes}; pack the image again`,
    )
  }

  /**
   * Writes blocks that follow each other in one piece to `wire`, each behind its header.
   * @returns how many bytes that are
   * @throws LunaError when the file has not got them any more
   */
  async frame(blocks: readonly Block[], wire: Buffer): Promise<number> {
    const { piece, offset } = blocks[0]!
    await this.check(piece)
    const [start, end] = extentOf(blocks)
    await this.#read(piece, offset, wire.subarray(start, end))
    return putHeaders(blocks, wire, start)
  }

  /** The same without a thread, which would make what is in memory twice as dear. @returns undefined where that may take long, or fails */
  frameNow(blocks: readonly Block[], wire: Buffer): number | undefined {
    const { piece, offset } = blocks[0]!
    const startedMs = performance.now()
    if (startedMs < this.#slowUntilMs || this.#suspected.has(piece)) return undefined
    const [start, end] = extentOf(blocks)
    const position = piece * this.#layout.pieceLengthBytes + offset
    try {
      if (readSync(this.#file.fd, wire, start, end - start, position) < end - start) return undefined
    } catch {
      return undefined // who reads with a thread hears why
    }
    if (performance.now() > startedMs + slowMs) this.#findOutWhy()
    return putHeaders(blocks, wire, start)
  }

  /** The piece may be bad: from now on it is given when its hash is right. (Hashing all of them would cost as much as half the sending.) */
  suspect(piece: number): void {
    this.#suspected.add(piece)
  }

  /** @throws LunaError when the piece is suspected, and is bad indeed */
  async check(piece: number): Promise<void> {
    if (this.#suspected.has(piece)) await this.#verify(piece)
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** It may have been the disk; or others had the processor. */
  #findOutWhy(): void {
    const { fsRead } = process.resourceUsage()
    if (fsRead > this.#diskReads) this.#slowUntilMs = performance.now() + threadsMs
    this.#diskReads = fsRead
  }

  async #read(piece: number, offset: number, into: Buffer): Promise<void> {
    const position = piece * this.#layout.pieceLengthBytes + offset
    const { bytesRead } = await this.#file.read(into, 0, into.length, position)
    if (bytesRead < into.length) throw new LunaError('failed', `the file ends in piece ${piece}; it was cut short`)
  }

  async #verify(piece: number): Promise<void> {
    const bytes = Buffer.alloc(pieceBytes(this.#layout, piece))
    await this.#read(piece, 0, bytes)
    const expected = this.#layout.pieces.subarray(piece * hashBytes, (piece + 1) * hashBytes)
    if (!createHash('sha1').update(bytes).digest().equals(expected))
      throw new LunaError('failed', `piece ${piece} is not what was packed; the disk or somebody has changed it`)
    this.#suspected.delete(piece)
  }
}

/** Where blocks are read to, so that there is room for all headers before them. */
function extentOf(blocks: readonly Block[]): [start: number, end: number] {
  const [first, last] = [blocks[0]!, blocks.at(-1)!]
  const start = blocks.length * pieceHeaderBytes
  return [start, start + last.offset + last.length - first.offset]
}

/** Moves each block to behind its header. (To read each to its own place takes a buffer object for each: as much time.) */
function putHeaders(blocks: readonly Block[], wire: Buffer, start: number): number {
  let [from, to] = [start, 0]
  for (const block of blocks) {
    to = writePieceHeader(wire, to, block)
    wire.copyWithin(to, from, from + block.length)
    from += block.length
    to += block.length
  }
  return to
}
