import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashPieces, type PieceHashesInput } from '../../../src/effects/piece-hashes.ts'

const pieceLengthBytes = 64 * 1024
const sizeBytes = 40 * 1024 * 1024 + 12_345
let directory: string
let input: PieceHashesInput
let expected: Buffer

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'luna-piece-hashes-'))
  const bytes = randomBytes(sizeBytes)
  input = { path: join(directory, 'image'), sizeBytes, pieceLengthBytes }
  writeFileSync(input.path, bytes)
  const starts = Array.from({ length: Math.ceil(sizeBytes / pieceLengthBytes) }, (_, index) => index * pieceLengthBytes)
  const hash = (start: number) =>
    createHash('sha1')
      .update(bytes.subarray(start, start + pieceLengthBytes))
      .digest()
  expected = Buffer.concat(starts.map(hash))
})
afterAll(() => rmSync(directory, { recursive: true }))

test.each([1, 2, 5])('%d threads give the hashes that one pass gives', async threads => {
  const progress: number[] = []
  const hashes = await hashPieces({ ...input, threads, onProgress: bytes => progress.push(bytes) })
  expect(hashes.equals(expected)).toBe(true)
  expect(progress.at(-1)).toBe(sizeBytes)
  expect(progress.length).toBeGreaterThan(3)
  expect(progress.toSorted((a, b) => a - b)).toEqual(progress)
})

test('a file of less than a piece', async () => {
  const path = join(directory, 'small')
  writeFileSync(path, 'x')
  const hashes = await hashPieces({ path, sizeBytes: 1, pieceLengthBytes })
  expect(hashes.toString('hex')).toBe(createHash('sha1').update('x').digest('hex'))
})

test('a file that is missing, or shorter than said', async () => {
  const missing = join(directory, 'missing')
  await expect(hashPieces({ ...input, path: missing })).rejects.toThrow(/cannot hash .*missing: ENOENT/)
  await expect(hashPieces({ ...input, sizeBytes: sizeBytes + 1 })).rejects.toThrow(/ends after .* bytes instead of/)
})

test('can be given up', async () => {
  const controller = new AbortController()
  const onProgress = () => controller.abort(new Error('enough'))
  await expect(hashPieces({ ...input, threads: 2, onProgress, signal: controller.signal })).rejects.toThrow('enough')
})

test('works when bundled, with the worker beside the bundle', async () => {
  const source = join(import.meta.dirname, '../../../src/effects')
  await build({
    entryPoints: [join(source, 'piece-hashes.ts'), join(source, 'piece-hash-worker.ts')],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
  const bundle = pathToFileURL(join(directory, 'piece-hashes.mjs')).href
  const bundled = (await import(/* @vite-ignore */ bundle)) as { hashPieces: typeof hashPieces }
  expect((await bundled.hashPieces(input)).equals(expected)).toBe(true)
})
