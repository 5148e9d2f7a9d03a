import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { LunaError } from '../errors.ts'
import { hashShares, type PieceHashWork } from './piece-hash-shares.ts'

export interface PieceHashesInput {
  path: string
  /** The file's size; one that is shorter is an error. */
  sizeBytes: number
  pieceLengthBytes: number
  /** Threads; by default one for each core, and none but this one for a small file. */
  threads?: number
  /** Bytes hashed so far, in no fixed rhythm, rising to `sizeBytes`. */
  onProgress?: (hashedBytes: number) => void
  signal?: AbortSignal
}

const hashBytes = 20

/** Beside this file in the source, beside the bundle when built. */
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './piece-hash-worker.ts' : './piece-hash-worker.mjs',
  import.meta.url,
)

/**
 * SHA-1 of every piece of a file, on all cores: 20 bytes each, one behind the other, as a torrent wants them (BEP 3).
 * @throws LunaError when the file cannot be read or is shorter than said; the signal's reason when aborted
 */
export async function hashPieces(input: PieceHashesInput): Promise<Buffer> {
  input.signal?.throwIfAborted()
  const { path, sizeBytes, pieceLengthBytes } = input
  const pieces = Math.ceil(sizeBytes / pieceLengthBytes)
  const hashes = new SharedArrayBuffer(pieces * hashBytes)
  const work: PieceHashWork = { path, sizeBytes, pieceLengthBytes, nextPiece: new SharedArrayBuffer(4), hashes }
  let hashedBytes = 0
  const onShare = (bytes: number) => {
    hashedBytes += bytes
    input.onProgress?.(hashedBytes)
  }
  const threads = Math.min(input.threads ?? threadsFor(sizeBytes), pieces)
  try {
    await (threads > 1 ? hashInWorkers(threads, work, onShare, input.signal) : hashHere(work, onShare, input.signal))
  } catch (cause) {
    input.signal?.throwIfAborted()
    throw new LunaError('failed', `cannot hash ${path}: ${(cause as Error).message}`, { cause })
  }
  return Buffer.from(hashes)
}

/** Of less than this, threads take longer to start than they save. */
const bytesWorthThreads = 128 * 1024 * 1024

const threadsFor = (sizeBytes: number): number => (sizeBytes < bytesWorthThreads ? 1 : availableParallelism())

async function hashHere(work: PieceHashWork, onShare: (bytes: number) => void, signal?: AbortSignal): Promise<void> {
  for (const bytes of hashShares(work)) {
    onShare(bytes)
    await turn()
    signal?.throwIfAborted()
  }
}

async function hashInWorkers(
  threads: number,
  work: PieceHashWork,
  onShare: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const workers = Array.from({ length: threads }, () => new Worker(workerUrl, { workerData: work }))
  try {
    await Promise.all(workers.map(worker => finish(worker, onShare, signal)))
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
}

async function finish(worker: Worker, onMessage: (bytes: number) => void, signal?: AbortSignal): Promise<void> {
  worker.on('message', onMessage)
  worker.on('error', () => {}) // also after an abort, when nobody waits for it any more
  await once(worker, 'exit', signal ? { signal } : {})
}
