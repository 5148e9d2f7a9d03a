import { describe, expect, test } from 'vitest'
import {
  formatAddress,
  fromHex,
  isUnicast,
  parseAddress,
  parseHostAddress,
  toHex,
} from '../../../src/domain/address.ts'

const addresses = [
  '0.0.0.1',
  '9.255.255.255',
  '10.0.0.0',
  '10.30.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fd00::1',
  'ffff::',
]

describe('as stored', () => {
  test.each(addresses)('%s comes back', text => {
    expect(formatAddress(fromHex(toHex(parseAddress(text))))).toBe(text)
  })

  test('sorts by its number', () => {
    const sorted = ['9.0.0.0', '10.0.0.0', '10.0.0.10', '100.0.0.0'].map(text => toHex(parseAddress(text)))
    expect(sorted.toSorted()).toEqual(sorted)
  })
})

test.each(['0.0.0.0', '0.1.2.3', '224.0.0.1', '255.255.255.255', '::', 'ff02::1'])('no machine has %s', text => {
  expect(isUnicast(parseAddress(text))).toBe(false)
  expect(() => parseHostAddress(text)).toThrow('not an address that a machine can have')
})

test.each(['1.0.0.0', '10.30.0.1', '127.0.0.1', '223.255.255.255', '::1', 'fe80::1'])('a machine may have %s', text => {
  expect(formatAddress(parseHostAddress(text))).toBe(text)
})
