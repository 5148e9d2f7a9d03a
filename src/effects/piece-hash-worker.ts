/** One thread of piece-hashes.ts: takes some pieces at a time until there are none left. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { PieceHashMessage, PieceHashWork } from './piece-hashes.ts'

/** Bytes taken at once: long enough to read disks in their order, short enough for a smooth progress bar. */
const shareBytes = 8 * 1024 * 1024

const { path, sizeBytes, pieceLengthBytes, nextPiece, hashes } = workerData as PieceHashWork
const next = new Int32Array(nextPiece)
const all = new Uint8Array(hashes)
const pieces = Math.ceil(sizeBytes / pieceLengthBytes)
const sharePieces = Math.max(1, Math.floor(shareBytes / pieceLengthBytes))
const piece = Buffer.allocUnsafe(pieceLengthBytes)
const file = openSync(path, 'r')

function hashPiece(index: number): number {
  const position = index * pieceLengthBytes
  const wanted = Math.min(pieceLengthBytes, sizeBytes - position)
  for (let got = 0; got < wanted; ) {
    const bytes = readSync(file, piece, got, wanted - got, position + got)
    if (bytes === 0) throw new Error(`it ends after ${position + got} bytes instead of ${sizeBytes}`)
    got += bytes
  }
  const hash = createHash('sha1').update(piece.subarray(0, wanted)).digest()
  all.set(hash, index * hash.length)
  return wanted
}

for (;;) {
  const first = Atomics.add(next, 0, sharePieces)
  if (first >= pieces) break
  let hashed: PieceHashMessage = 0
  for (let index = first; index < Math.min(first + sharePieces, pieces); index++) hashed += hashPiece(index)
  parentPort!.postMessage(hashed)
}
closeSync(file)
