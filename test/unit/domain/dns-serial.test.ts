import { describe, expect, test } from 'vitest'
import { findSerial, isNewerSerial, nextSerial } from '../../../src/domain/dns-serial.ts'

const noon = Date.UTC(2026, 10, 22, 12)
const today = 2_026_112_200
const top = 2 ** 32

describe('nextSerial', () => {
  test.each([
    ['the first', [], today],
    ['the second of a day', [today], today + 1],
    ['the hundredth, which runs into tomorrow', [today + 99], today + 100],
    ['the first of a day after a full one', [today - 5], today],
    ['after a clock that was ahead', [2_040_010_100], 2_040_010_101],
    ['after seconds since 1970', [1_795_000_000], today],
    ['the newest of several counts', [today + 7, today + 9, today + 8], today + 10],
    ['at the end of the numbers, where today is newer', [top - 1], today],
  ])('%s', (_, previous, expected) => {
    const next = nextSerial(previous, noon)
    expect(next).toBe(expected)
    for (const one of previous) expect(isNewerSerial(next, one)).toBe(true)
  })

  test('grows for a secondary whatever the clock does, round the end of the numbers', () => {
    // half of the numbers away, so that today's is no newer
    const late = Date.UTC(2148, 0, 1)
    const serials = [top - 3]
    while (serials.length < 6) serials.push(nextSerial([serials.at(-1)!], late))
    expect(serials).toEqual([top - 3, top - 2, top - 1, 1, 2, 3])
    for (const [index, serial] of serials.slice(1).entries()) expect(isNewerSerial(serial, serials[index]!)).toBe(true)
  })
})

describe('findSerial', () => {
  test.each([
    ['on one line', '@ IN SOA ns.a. root.a. 7 1 2 3 4\n', 7],
    ['in brackets over lines', '@ 3600 IN SOA ns.a. root.a. (\n\t2026112200 ; serial\n', today],
    ['behind a comment', '@ SOA ns.a. root.a. ( ; 99\n 7 ; 8\n', 7],
    ['none', 'node001 A 10.30.0.1\n', undefined],
    ['too large', '@ SOA ns.a. root.a. 4294967296 1 2 3 4\n', undefined],
  ])('%s', (_, text, serial) => {
    expect(findSerial(text)).toBe(serial)
  })
})
