/** SHA-1 of a file's pieces: worker threads on all cores beside one of them. The file is in the page cache, as after packing. */
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashPieces } from '../src/effects/piece-hashes.ts'
import { pieceLengthFor } from '../src/torrent/piece-length.ts'

const sizeBytes = 512 * 1024 * 1024
const rounds = 3
const directory = mkdtempSync(join(tmpdir(), 'luna-bench-'))
const path = join(directory, 'image')
const part = randomBytes(sizeBytes / 16)
for (let written = 0; written < sizeBytes; written += part.length) appendFileSync(path, part)

/** @returns MB/s of the best of some rounds */
async function measure(threads: number): Promise<number> {
  let best = 0
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now()
    await hashPieces({ path, sizeBytes, pieceLengthBytes: pieceLengthFor({ sizeBytes, nodeCount: 1 }), threads })
    best = Math.max(best, sizeBytes / 1000 / (performance.now() - startedMs))
  }
  return best
}

try {
  await measure(1)
  const single = await measure(1)
  const all = await measure(availableParallelism())
  console.log(`piece hashes of ${sizeBytes / 1024 / 1024} MiB`)
  console.log(`  1 thread   ${Math.round(single)} MB/s`)
  console.log(`  ${availableParallelism()} threads  ${Math.round(all)} MB/s`)
  console.log(`  ratio      ${(all / single).toFixed(2)}`)
} finally {
  rmSync(directory, { recursive: true })
}
