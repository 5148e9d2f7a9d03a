/** One thread of piece-hashes.ts: says how many bytes it has hashed since its last message. */
import { parentPort, workerData } from 'node:worker_threads'
import { hashShares, type PieceHashWork } from './piece-hash-shares.ts'

for (const bytes of hashShares(workerData as PieceHashWork)) parentPort!.postMessage(bytes)
