import { createHash, randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PieceCache } from '../../../src/daemons/seeding/piece-cache.ts'

const pieceLengthBytes = 512 * 1024
const content = randomBytes(40 * 1024 * 1024 + 12_345)
const hashes = Array.from({ length: Math.ceil(content.length / pieceLengthBytes) }, (_, piece) =>
  createHash('sha1')
    .update(content.subarray(piece * pieceLengthBytes, (piece + 1) * pieceLengthBytes))
    .digest(),
)
const layout = { sizeBytes: content.length, pieceLengthBytes, pieces: Buffer.concat(hashes) }
let directory: string
let path: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'luna-pieces-'))
  path = join(directory, 'image')
  writeFileSync(path, content)
})
afterAll(() => rmSync(directory, { recursive: true }))

const expected = (piece: number, offset: number, length: number) =>
  content.subarray(piece * pieceLengthBytes + offset, piece * pieceLengthBytes + offset + length)

test('a block is what stands in the file, also at the end, and where pieces are not powers of two', async () => {
  const cache = await PieceCache.open(path, layout)
  for (const [piece, offset, length] of [
    [0, 0, 16_384],
    [3, 524_288 - 5, 5],
    [3, 393_216, 131_072],
    [80, 12_340, 5],
  ] as const) {
    const { bytes, giveBack } = await cache.lend({ piece, offset, length })
    expect(bytes.equals(expected(piece, offset, length))).toBe(true)
    giveBack()
  }
  await cache.close()
  const odd = await PieceCache.open(path, { ...layout, pieceLengthBytes: 1_000_000 })
  const { bytes } = await odd.lend({ piece: 1, offset: 40_000, length: 16_384 })
  expect(bytes.equals(content.subarray(1_040_000, 1_056_384))).toBe(true)
  await odd.close()
})

test('what is lent stays as it is, however much is read meanwhile; what is given back is read again', async () => {
  const cache = await PieceCache.open(path, layout)
  const lent = await cache.lend({ piece: 0, offset: 100, length: 16_384 })
  const given = await cache.lend({ piece: 2, offset: 100, length: 16_384 })
  given.giveBack()
  for (let round = 0; round < 3; round++)
    for (let piece = 4; piece < 80; piece++) (await cache.lend({ piece, offset: 0, length: 16_384 })).giveBack()
  expect(lent.bytes.equals(expected(0, 100, 16_384))).toBe(true)
  expect(given.bytes.equals(expected(2, 100, 16_384))).toBe(false)
  const again = await cache.lend({ piece: 2, offset: 100, length: 16_384 })
  expect(again.bytes.equals(expected(2, 100, 16_384))).toBe(true)
  await cache.close()
})

test('a piece under suspicion is read again, and given when it is what was packed', async () => {
  const copy = join(directory, 'copy')
  writeFileSync(copy, content)
  const cache = await PieceCache.open(copy, layout)
  for (const piece of [4, 5, 80]) cache.suspect(piece)
  const file = openSync(copy, 'r+')
  writeSync(file, 'X', 5 * pieceLengthBytes + 300_000)
  closeSync(file)
  for (const piece of [4, 80]) {
    const { bytes } = await cache.lend({ piece, offset: 0, length: 10 })
    expect(bytes.equals(expected(piece, 0, 10))).toBe(true)
  }
  await expect(cache.lend({ piece: 5, offset: 0, length: 10 })).rejects.toThrow('piece 5 is not what was packed')
  await expect(cache.lend({ piece: 5, offset: 0, length: 0 })).rejects.toThrow('piece 5 is not what was packed')
  await cache.close()
})

test('a file that is cut short is an error for each who reads there', async () => {
  const short = join(directory, 'short')
  writeFileSync(short, content)
  const cache = await PieceCache.open(short, layout)
  truncateSync(short, 1_000_000)
  const block = { piece: 2, offset: 0, length: 16_384 }
  for (let time = 0; time < 2; time++)
    await expect(cache.lend(block)).rejects.toThrow('the file ends in piece 2; it was cut short')
  await cache.close()
})
