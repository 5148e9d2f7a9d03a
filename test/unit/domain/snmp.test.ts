import { describe, expect, test } from 'vitest'
import {
  changeSnmp,
  parseAuthProtocol,
  parseCommunity,
  parseOid,
  parsePrivProtocol,
  parseSnmpLevel,
  parseSnmpPassword,
  parseSnmpUser,
  snmpV3Defaults,
} from '../../../src/domain/snmp.ts'
import { canonicalPort, parsePort } from '../../../src/domain/switch-port.ts'

describe('OIDs', () => {
  test.each([
    ['.1.3.6.1.2.1.17.7.1.2.2.1.2', '.1.3.6.1.2.1.17.7.1.2.2.1.2'],
    ['1.3.6.1.2.1.17.4.3.1.2', '.1.3.6.1.2.1.17.4.3.1.2'],
    ['.1.3.6.1.4.1.4294967295', '.1.3.6.1.4.1.4294967295'],
    ['.1.03.6', '.1.3.6'],
  ])('%s', (text, oid) => expect(parseOid(text)).toBe(oid))

  const tooLong = '.1'.repeat(129)
  test.each([
    '',
    '.',
    '1',
    '..1.3',
    '.1.3.',
    '.1.3..6',
    '.3.1',
    '.1.3.4294967296',
    'iso.3.6',
    '.1.3.-6',
    '.1.3 .6',
    tooLong,
  ])('not %j', text => expect(() => parseOid(text)).toThrow('is not an OID'))
})

describe('secrets that make no sense are refused without being shown', () => {
  test.each([
    ['community', parseCommunity, ['', 'with space', 'line\nbreak', 'ümlaut', 'x'.repeat(256)]],
    ['password', parseSnmpPassword, ['', 'seven77', 'line\nbreak', 'ümlautümlaut', 'x'.repeat(129)]],
  ] as const)('%s', (_, parse, wrong) => {
    for (const text of wrong)
      expect(() => parse(text)).toThrow(
        expect.objectContaining({ kind: 'invalid', message: expect.not.stringContaining(text || '""') }),
      )
  })

  test('and taken as they are otherwise', () => {
    expect(parseCommunity('public@100')).toBe('public@100')
    expect(parseSnmpPassword("'; drop table; #")).toBe("'; drop table; #")
    expect(() => parseSnmpUser('a b')).toThrow('1 to 32 printable')
  })
})

test('words in whatever case; others are answered with those there are', () => {
  expect([parseSnmpLevel('AUTHPRIV'), parseAuthProtocol('SHA256'), parsePrivProtocol('AES')]).toEqual([
    'authPriv',
    'sha256',
    'aes',
  ])
  expect(() => parsePrivProtocol('des')).toThrow('"des" is not a privacy protocol; there are aes, aes256b, aes256r')
})

test('the default of v3 is v2c', () => expect(changeSnmp(snmpV3Defaults, {})).toEqual(snmpV3Defaults))

describe('ports', () => {
  const map = new Map([
    ['1', 'Gi1/0/1'],
    ['2', '1'],
    ['3', ''],
  ])
  test.each([
    ['1', '1'],
    ['gi1/0/1', '1'],
    ['3', '3'],
    ['Gi1/0/9', 'gi1/0/9'],
  ])('%s is %s', (spelling, port) => expect(canonicalPort(map, spelling)).toBe(port))

  test.each(['', ' ', ' 1', '1\n', 'x'.repeat(65), 'ü'])('not %j', text =>
    expect(() => parsePort(text)).toThrow("is not the number or name of a switch's port"),
  )
  test.each(['1', 'Gi1/0/1', 'Ethernet 1/5', 'swp1s0', '1:12', 'x'.repeat(64)])('%s', text =>
    expect(parsePort(text)).toBe(text),
  )
})
