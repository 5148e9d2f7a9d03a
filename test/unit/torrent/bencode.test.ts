import { describe, expect, test } from 'vitest'
import { decodeBencode, encodeBencode, encodeBinaryDictionary } from '../../../src/torrent/bencode.ts'

describe('encodeBencode', () => {
  test.each([
    [0, 'i0e'],
    [-3, 'i-3e'],
    [10_000_000_000, 'i10000000000e'],
    ['spam', '4:spam'],
    ['é', '2:é'],
    [Buffer.from([1, 2]), '2:\x01\x02'],
    [['spam', 1], 'l4:spami1ee'],
    [{ b: 1, a: 'x', nothing: undefined }, 'd1:a1:x1:bi1ee'],
  ])('writes %j', (value, expected) => {
    expect(encodeBencode(value).toString()).toBe(expected)
  })
})

test('a dictionary of binary keys is sorted by bytes, not by what they look like as text', () => {
  const [low, high] = [Buffer.from([0x7f, 0xff]), Buffer.from([0x80, 0x00])]
  const expected = Buffer.concat([Buffer.from('d2:'), low, Buffer.from('i1e2:'), high, Buffer.from('i2ee')])
  expect(
    encodeBinaryDictionary([
      [high, 2],
      [low, 1],
    ]),
  ).toEqual(expected)
})

describe('decodeBencode', () => {
  test('gives strings as bytes', () => {
    expect(decodeBencode(Buffer.from('d1:ali1e2:\xff\x00ee', 'latin1'))).toEqual({ a: [1, new Uint8Array([255, 0])] })
  })
  test.each([
    ['', 'nothing'],
    ['i1', 'an open integer'],
    ['d1:a', 'an open dictionary'],
    ['l', 'an open list'],
    ['5:abc', 'a short string'],
    ['i01e', 'a leading zero'],
    ['i1.5e', 'a fraction'],
    ['d1:b0:1:a0:e', 'unsorted keys'],
    ['d1:a0:1:a0:e', 'a double key'],
    ['i1ei2e', 'something behind the end'],
    ['d9:__proto__d1:a0:ee', 'a prototype'],
    ['<html>', 'a web page'],
  ])('refuses %s (%s)', text => {
    expect(() => decodeBencode(Buffer.from(text))).toThrow(/bencod/)
  })
})
