import { describe, expect, test } from 'vitest'
import { parseAddress } from '../../../src/domain/address.ts'
import { broadcastOf, contains, formatCidr, netmaskOf, overlaps, parseCidr } from '../../../src/domain/cidr.ts'
import { checkHostAddress, defaultNsAddress } from '../../../src/domain/network.ts'

describe('parseCidr', () => {
  test.each([
    ['10.30.4.1', '16', '10.30.0.0/16'],
    ['10.30.0.0', '1', undefined],
    ['64.0.0.0', '2', '64.0.0.0/2'],
    ['10.30.0.3', '30', '10.30.0.0/30'],
    ['10.30.0.0', '016', '10.30.0.0/16'],
    ['2001:db8::1:2', '64', '2001:db8::/64'],
    ['fd00::7', '126', 'fd00::4/126'],
    // no room for two hosts
    ['10.30.0.0', '31', undefined],
    ['10.30.0.0', '32', undefined],
    ['fd00::', '127', undefined],
    ['10.30.0.0', '0', undefined],
    ['10.30.0.0', '33', undefined],
    ['10.30.0.0', '-16', undefined],
    ['10.30.0.0', '16.0', undefined],
    ['10.30.0.0', '1e1', undefined],
    ['10.30.0.0', '255.255.0.0', undefined],
    ['10.30.0.0', '', undefined],
    ['10.30.0.0', ' 16', undefined],
    ['10.30.0.0/16', '16', undefined],
    // multicast, reserved, this network (RFC 6890)
    ['224.0.0.0', '4', undefined],
    ['0.0.0.0', '8', undefined],
    ['::', '64', undefined],
    ['ff02::', '64', undefined],
  ])('%s and %s: %s', (address, prefix, expected) => {
    if (expected === undefined)
      expect(() => parseCidr(address, prefix)).toThrow(expect.objectContaining({ kind: 'invalid' }))
    else expect(formatCidr(parseCidr(address, prefix))).toBe(expected)
  })
})

test('netmask and broadcast address', () => {
  const cidr = parseCidr('10.30.0.0', '18')
  expect([netmaskOf(cidr), broadcastOf(cidr)]).toEqual(['255.255.192.0', '10.30.63.255'])
})

test.each([
  ['10.1.0.0', '16', '10.1.128.0', '18', true],
  ['10.1.128.0', '18', '10.1.0.0', '16', true],
  ['10.1.0.0', '16', '10.2.0.0', '16', false],
  ['10.1.0.0', '17', '10.1.128.0', '17', false],
  // the same number in the other version
  ['0a01::', '16', '10.1.0.0', '16', false],
])('%s/%s and %s/%s overlap: %s', (a, aPrefix, b, bPrefix, expected) => {
  expect(overlaps(parseCidr(a, aPrefix), parseCidr(b, bPrefix))).toBe(expected)
})

test('an IPv6 address is in no IPv4 network', () => {
  expect(contains(parseCidr('10.30.0.0', '16'), parseAddress('::a1e:1'))).toBe(false)
})

describe('hosts of a network', () => {
  const network = { name: 'cluster', cidr: parseCidr('10.30.0.0', '16') }

  test.each([
    ['10.31.0.1', 'is not in network'],
    ['fd00::1', 'is not in network'],
    ['10.30.0.0', 'is the address of network'],
    ['10.30.255.255', 'is the broadcast address'],
  ])('not %s', (address, message) => {
    expect(() => checkHostAddress(network, parseAddress(address))).toThrow(message)
  })

  test.each(['10.30.0.1', '10.30.1.0', '10.30.255.254'])('%s', address => {
    checkHostAddress(network, parseAddress(address))
  })

  test('in IPv6 the last address is one, the first is the routers anycast address', () => {
    const six = { name: 'six', cidr: parseCidr('fd00::', '64') }
    checkHostAddress(six, parseAddress('fd00::ffff:ffff:ffff:ffff'))
    expect(() => checkHostAddress(six, parseAddress('fd00::'))).toThrow('is the address of network')
  })

  test('the name server gets the last one', () => {
    expect(defaultNsAddress(network.cidr)).toEqual(parseAddress('10.30.255.254'))
  })
})
