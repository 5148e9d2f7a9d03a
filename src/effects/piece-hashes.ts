import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { LunaError } from '../errors.ts'

export interface PieceHashesInput {
  path: string
  /** The file's size; one that is shorter is an error. */
  sizeBytes: number
  pieceLengthBytes: number
  /** Threads; by default one for each core. */
  threads?: number
  /** Bytes hashed so far, in no fixed rhythm, rising to `sizeBytes`. */
  onProgress?: (hashedBytes: number) => void
  signal?: AbortSignal
}

/** What a worker is given; the buffers are shared by all of them. */
export interface PieceHashWork {
  path: string
  sizeBytes: number
  pieceLengthBytes: number
  /** One number: the first piece that nobody has taken yet. */
  nextPiece: SharedArrayBuffer
  /** 20 bytes for each piece. */
  hashes: SharedArrayBuffer
}

/** Says how many bytes it has hashed since its last message. */
export type PieceHashMessage = number

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
  const onMessage = (bytes: PieceHashMessage) => {
    hashedBytes += bytes
    input.onProgress?.(hashedBytes)
  }
  const threads = Math.max(1, Math.min(input.threads ?? availableParallelism(), pieces))
  const workers = Array.from({ length: threads }, () => new Worker(workerUrl, { workerData: work }))
  try {
    await Promise.all(workers.map(worker => finish(worker, onMessage, input.signal)))
  } catch (cause) {
    input.signal?.throwIfAborted()
    throw new LunaError('failed', `cannot hash ${path}: ${(cause as Error).message}`, { cause })
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
  return Buffer.from(hashes)
}

async function finish(worker: Worker, onMessage: (bytes: number) => void, signal?: AbortSignal): Promise<void> {
  worker.on('message', onMessage)
  worker.on('error', () => {}) // also after an abort, when nobody waits for it any more
  await once(worker, 'exit', signal ? { signal } : {})
}
