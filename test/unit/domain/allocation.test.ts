import { describe, expect, test } from 'vitest'
import { freeAddresses, inRanges } from '../../../src/domain/allocation.ts'
import { lastOf, parseCidr, type Range } from '../../../src/domain/cidr.ts'
import { randomNumbers } from '../torrent/random-numbers.ts'

const range = (first: bigint, last = first): Range => ({ first, last })

describe('freeAddresses', () => {
  const tiny = parseCidr('10.0.0.0', '29') // hosts .1 to .6
  const base = tiny.base

  test.each([
    ['nothing taken', [], 3, [1n, 2n, 3n]],
    ['more than there are', [], 10, [1n, 2n, 3n, 4n, 5n, 6n]],
    ['a hole', [range(base + 1n), range(base + 3n)], 2, [2n, 4n]],
    ['all taken', [range(base, base + 7n)], 1, []],
    [
      'overlapping, nested, in any order',
      [range(base + 4n), range(base + 2n, base + 5n), range(base + 3n)],
      9,
      [1n, 6n],
    ],
    ['ranges beyond both ends', [range(base - 9n, base + 2n), range(base + 5n, base + 99n)], 9, [3n, 4n]],
    ['none wanted', [], 0, []],
  ])('%s', (_, taken, count, expected) => {
    expect(freeAddresses(tiny, taken, count).map(address => address - base)).toEqual(expected)
  })

  test('never taken, never network or broadcast address, the lowest first, as many as there are', () => {
    const numbers = randomNumbers(3)
    for (let round = 0; round < 500; round++) {
      const cidr = parseCidr('10.0.0.0', String(24 + Math.floor(numbers() * 7)))
      const size = Number(lastOf(cidr) - cidr.base) + 1
      const taken = Array.from({ length: Math.floor(numbers() * 20) }, () => {
        const first = cidr.base + BigInt(Math.floor(numbers() * size))
        return range(first, first + BigInt(Math.floor(numbers() * 6)))
      })
      const count = Math.floor(numbers() * size)
      const hosts = Array.from({ length: size - 2 }, (_, index) => cidr.base + 1n + BigInt(index))
      const expected = hosts.filter(host => !taken.some(one => host >= one.first && host <= one.last)).slice(0, count)
      expect(freeAddresses(cidr, taken, count)).toEqual(expected)
    }
  })

  test('the size of the network costs nothing', () => {
    const wide = parseCidr('fd00::', '64')
    const all = range(wide.base, lastOf(wide) - 1n)
    expect(freeAddresses(wide, [all], 2)).toEqual([lastOf(wide)])
    expect(freeAddresses(wide, [], 1)).toEqual([wide.base + 1n])
  })
})

test('inRanges includes both ends', () => {
  const taken = [range(5n, 7n)]
  expect([4n, 5n, 7n, 8n].map(value => inRanges(value, taken))).toEqual([false, true, true, false])
})
