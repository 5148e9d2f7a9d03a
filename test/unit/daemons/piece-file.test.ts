import { createHash, randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PieceFile } from '../../../src/daemons/seeding/piece-file.ts'
import { type Block, pieceHeaderBytes, writePieceHeader } from '../../../src/torrent/wire/message.ts'

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

/** Blocks as they are sent. */
const framed = (blocks: readonly Block[], length = pieceLengthBytes) =>
  Buffer.concat(
    blocks.flatMap(block => {
      const header = Buffer.alloc(pieceHeaderBytes)
      writePieceHeader(header, 0, block)
      const start = block.piece * length + block.offset
      return [header, content.subarray(start, start + block.length)]
    }),
  )

const wire = Buffer.alloc(1024 * 1024)
const frame = async (file: PieceFile, ...blocks: Block[]) => wire.subarray(0, await file.frame(blocks, wire))
const frameNow = (file: PieceFile, ...blocks: Block[]) => wire.subarray(0, file.frameNow(blocks, wire))

test('blocks are what stands in the file, each behind its header, also at the end, and where pieces are not powers of two', async () => {
  const runs = [
    [{ piece: 0, offset: 0, length: 16_384 }],
    [{ piece: 3, offset: 524_288 - 5, length: 5 }],
    [{ piece: 3, offset: 393_216, length: 131_072 }],
    [
      { piece: 80, offset: 0, length: 100 },
      { piece: 80, offset: 100, length: 12_240 },
      { piece: 80, offset: 12_340, length: 5 },
    ],
  ]
  const file = await PieceFile.open(path, layout)
  for (const blocks of runs) {
    wire.fill(0)
    expect((await frame(file, ...blocks)).equals(framed(blocks))).toBe(true)
    wire.fill(0)
    expect(frameNow(file, ...blocks).equals(framed(blocks))).toBe(true)
  }
  await file.close()
  const odd = await PieceFile.open(path, { ...layout, pieceLengthBytes: 1_000_000 })
  const block = { piece: 1, offset: 40_000, length: 16_384 }
  expect(frameNow(odd, block).equals(framed([block], 1_000_000))).toBe(true)
  await odd.close()
})

test('a piece under suspicion is read again, and given when it is what was packed', async () => {
  const copy = join(directory, 'copy')
  writeFileSync(copy, content)
  const pieces = await PieceFile.open(copy, layout)
  for (const piece of [4, 5, 80]) pieces.suspect(piece)
  const file = openSync(copy, 'r+')
  writeSync(file, 'X', 5 * pieceLengthBytes + 300_000)
  closeSync(file)
  for (const piece of [4, 80]) {
    const block = { piece, offset: 0, length: 10 }
    expect(pieces.frameNow([block], wire)).toBeUndefined()
    expect((await frame(pieces, block)).equals(framed([block]))).toBe(true)
    expect(frameNow(pieces, block).equals(framed([block]))).toBe(true)
  }
  const bad = { piece: 5, offset: 0, length: 10 }
  for (let time = 0; time < 2; time++) {
    await expect(frame(pieces, bad)).rejects.toThrow('piece 5 is not what was packed')
    expect(pieces.frameNow([bad], wire)).toBeUndefined()
  }
  await pieces.close()
})

test('a file that is cut short is an error for each who reads there', async () => {
  const short = join(directory, 'short')
  writeFileSync(short, content)
  const file = await PieceFile.open(short, layout)
  truncateSync(short, 1_000_000)
  const block = { piece: 2, offset: 0, length: 16_384 }
  for (let time = 0; time < 2; time++) {
    expect(file.frameNow([block], wire)).toBeUndefined()
    await expect(frame(file, block)).rejects.toThrow('the file ends in piece 2; it was cut short')
  }
  await file.close()
})
