import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'

/** What everybody who hashes one file works on; the buffers are shared by all of them. */
export interface PieceHashWork {
  path: string
  sizeBytes: number
  pieceLengthBytes: number
  /** One number: the first piece that nobody has taken yet. */
  nextPiece: SharedArrayBuffer
  /** 20 bytes for each piece. */
  hashes: SharedArrayBuffer
}

/** Bytes taken at once: long enough to read disks in their order, short enough for a smooth progress bar. */
const shareBytes = 8 * 1024 * 1024

/** Takes some pieces at a time and hashes them, until there are none left. Says after each share how many bytes it was. */
export function* hashShares(work: PieceHashWork): Generator<number> {
  const { path, sizeBytes, pieceLengthBytes } = work
  const next = new Int32Array(work.nextPiece)
  const pieces = Math.ceil(sizeBytes / pieceLengthBytes)
  const sharePieces = Math.max(1, Math.floor(shareBytes / pieceLengthBytes))
  const piece = Buffer.allocUnsafe(pieceLengthBytes)
  const file = openSync(path, 'r')
  try {
    for (let first = take(); first < pieces; first = take()) {
      let hashed = 0
      for (let index = first; index < Math.min(first + sharePieces, pieces); index++)
        hashed += hashPiece(file, work, piece, index)
      yield hashed
    }
  } finally {
    closeSync(file)
  }
  function take(): number {
    return Atomics.add(next, 0, sharePieces)
  }
}

/** @returns the piece's length, which is less than that of the others for the last one */
function hashPiece(file: number, work: PieceHashWork, piece: Buffer, index: number): number {
  const position = index * work.pieceLengthBytes
  const wanted = Math.min(work.pieceLengthBytes, work.sizeBytes - position)
  for (let got = 0; got < wanted; ) {
    const bytes = readSync(file, piece, got, wanted - got, position + got)
    if (bytes === 0) throw new Error(`it ends after ${position + got} bytes instead of ${work.sizeBytes}`)
    got += bytes
  }
  const hash = createHash('sha1').update(piece.subarray(0, wanted)).digest()
  new Uint8Array(work.hashes).set(hash, index * hash.length)
  return wanted
}
