import type { Cidr, Range } from './cidr.ts'
import { usableRange } from './cidr.ts'

/** The lowest `count` usable addresses of the network outside every range in `taken` (in any order, overlapping allowed);
 * fewer when the network is full. Takes time in the number of ranges, not in the size of the network. */
export function freeAddresses(cidr: Cidr, taken: readonly Range[], count: number): bigint[] {
  const free: bigint[] = []
  const { first, last } = usableRange(cidr)
  const sorted = taken.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  let candidate = first
  const takeUpTo = (end: bigint) => {
    while (candidate <= end && candidate <= last && free.length < count) free.push(candidate++)
  }
  for (const range of sorted) {
    takeUpTo(range.first - 1n)
    if (range.last >= candidate) candidate = range.last + 1n
  }
  takeUpTo(last)
  return free
}

export const inRanges = (value: bigint, ranges: readonly Range[]): boolean =>
  ranges.some(range => value >= range.first && value <= range.last)
