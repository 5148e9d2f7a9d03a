import { describe, expect, test } from 'vitest'
import { pieceLengthFor } from '../../../src/torrent/piece-length.ts'

const kib = 1024

test.each([
  [1, 16 * kib],
  [16e6, 16 * kib],
  [120e6, 64 * kib],
  [0.5e9, 256 * kib],
  [1e9, 512 * kib],
  [2e9, 1024 * kib],
  [4e9, 1024 * kib],
  [10e9, 2048 * kib],
  [100e9, 4096 * kib],
  [1e12, 4096 * kib],
])('%d bytes for few nodes: %d', (sizeBytes, expected) => {
  for (const nodeCount of [0, 1, 50]) expect(pieceLengthFor({ sizeBytes, nodeCount })).toBe(expected)
})

test.each([
  [1e9, 72, 512 * kib],
  [1e9, 150, 256 * kib],
  [1e9, 300, 128 * kib],
  [1e9, 20_000, 128 * kib],
  [10e9, 300, 1024 * kib],
])('%d bytes for %d nodes: %d', (sizeBytes, nodeCount, expected) => {
  expect(pieceLengthFor({ sizeBytes, nodeCount })).toBe(expected)
})

test('at least 1000 pieces wherever pieces of 16 KiB allow it', () => {
  for (let sizeBytes = 1000 * 16 * kib; sizeBytes < 1e13; sizeBytes = Math.floor(sizeBytes * 1.37))
    for (const nodeCount of [1, 30, 1000])
      expect(sizeBytes / pieceLengthFor({ sizeBytes, nodeCount })).toBeGreaterThanOrEqual(999)
})

describe('the length of the generation before', () => {
  const chain = (nodeCount: number, sizes: readonly number[]) => {
    const lengths: number[] = []
    for (const sizeBytes of sizes) lengths.push(pieceLengthFor({ sizeBytes, nodeCount, previousBytes: lengths.at(-1) }))
    return lengths.map(bytes => bytes / kib)
  }

  test('stays for an image that grows and shrinks a little around a limit', () => {
    expect(chain(10, [1.04e9, 1.06e9, 1.04e9, 1.2e9, 0.9e9])).toEqual([512, 512, 512, 512, 512])
    expect(chain(10, [1.06e9, 1.04e9, 0.9e9, 1.1e9])).toEqual([1024, 1024, 1024, 1024])
  })

  test('stays for a few nodes more', () => {
    const of = (nodeCount: number, previousBytes?: number) =>
      pieceLengthFor({ sizeBytes: 1e9, nodeCount, previousBytes }) / kib
    expect(of(95)).toBe(512)
    expect(of(100)).toBe(256)
    expect(of(100, 512 * kib)).toBe(512)
    expect(of(150, 512 * kib)).toBe(256)
    expect(of(95, 256 * kib)).toBe(256)
    expect(of(20, 256 * kib)).toBe(512)
  })

  test('goes when the image is another', () => {
    expect(chain(10, [1e9, 4e9, 0.3e9])).toEqual([512, 1024, 256])
  })
})
