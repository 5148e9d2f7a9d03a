import { describe, expect, test } from 'vitest'
import { parseAddress, widthOf } from '../../../src/domain/address.ts'
import { type Cidr, contains, lastOf, networkOf, parseCidr } from '../../../src/domain/cidr.ts'
import { nameInReverseZone, reverseZoneName, reverseZonesOf } from '../../../src/domain/reverse-zone.ts'

const namesOf = (text: string) => {
  const [base, prefix] = text.split('/')
  return reverseZonesOf(parseCidr(base!, prefix!)).map(reverseZoneName)
}

test.each([
  ['10.30.0.0/16', ['30.10.in-addr.arpa']],
  ['10.30.0.0/24', ['0.30.10.in-addr.arpa']],
  ['10.0.0.0/8', ['10.in-addr.arpa']],
  ['192.168.7.128/25', ['7.168.192.in-addr.arpa']],
  // below the prefix, in what is anyone's
  ['10.30.64.0/18', ['30.10.in-addr.arpa']],
  ['10.16.0.0/12', ['10.in-addr.arpa']],
  ['192.168.4.0/22', ['168.192.in-addr.arpa']],
  ['fd00:0:0:8::/61', ['0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa']],
  ['fd12:3456:789a::/48', ['a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa']],
  ['fd12:3456:789a:1::/64', ['1.0.0.0.a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa']],
  // above it, where a zone below would hide public names
  ['198.51.100.0/23', ['100.51.198.in-addr.arpa', '101.51.198.in-addr.arpa']],
  ['100.64.0.0/15', ['64.100.in-addr.arpa', '65.100.in-addr.arpa']],
  ['10.0.0.0/7', ['10.in-addr.arpa', '11.in-addr.arpa']],
  ['fc00::/7', ['c.f.ip6.arpa', 'd.f.ip6.arpa']],
  ['fe80::/10', ['8.e.f.ip6.arpa', '9.e.f.ip6.arpa', 'a.e.f.ip6.arpa', 'b.e.f.ip6.arpa']],
  ['2001:db8::/31', ['8.b.d.0.1.0.0.2.ip6.arpa', '9.b.d.0.1.0.0.2.ip6.arpa']],
  [
    '2001:db8:0:8::/61',
    Array.from({ length: 8 }, (_, i) => `${(8 + i).toString(16)}.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa`),
  ],
  // but not a zone for each host
  ['198.51.100.64/26', ['100.51.198.in-addr.arpa']],
  ['2001:db8::8/125', ['0.'.repeat(23).concat('8.b.d.0.1.0.0.2.ip6.arpa')]],
])('%s', (network, zones) => {
  expect(namesOf(network)).toEqual(zones)
})

test('172.16.0.0/12 claims the private sixteen only', () => {
  const names = namesOf('172.16.0.0/12')
  expect(names).toHaveLength(16)
  expect([names[0], names[15]]).toEqual(['16.172.in-addr.arpa', '31.172.in-addr.arpa'])
})

test.each([
  ['10.30.0.0/16', '10.30.0.1', '1.0'],
  ['10.30.0.0/16', '10.30.255.254', '254.255'],
  ['10.30.7.0/24', '10.30.7.9', '9'],
  ['fd12:3456:789a:1::/64', 'fd12:3456:789a:1::1f', 'f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0'],
])('the name in %s of %s', (network, address, name) => {
  const [base, prefix] = network.split('/')
  expect(nameInReverseZone(parseCidr(base!, prefix!), parseAddress(address))).toBe(name)
})

describe('whatever the network', () => {
  /** Every prefix length at bases whose bits are mixed. */
  const networks: Cidr[] = [
    ...['10.173.90.165', '172.29.90.165', '203.173.90.165'].map(text => parseAddress(text)),
    ...['fd5a:a55a:9669:3cc3:5aa5:6996:c33c:5aa5', '2a5a:a55a:9669:3cc3:5aa5:6996:c33c:5aa5'].map(text =>
      parseAddress(text),
    ),
  ].flatMap(address =>
    Array.from({ length: widthOf(address.version) - 2 }, (_, index) => networkOf(address, index + 1)),
  )

  test.each(networks.map(network => [reverseZonesOf(network), network] as const))(
    'zones cover it once',
    (zones, network) => {
      expect(new Set(zones.map(reverseZoneName)).size).toBe(zones.length)
      expect(zones.length).toBeLessThanOrEqual(128)
      const ends = [network.base, lastOf(network)].map(value => ({ version: network.version, value }))
      for (const end of ends) expect(zones.filter(zone => contains(zone, end))).toHaveLength(1)
      for (const zone of zones) {
        expect(zone.prefix % (zone.version === 4 ? 8 : 4)).toBe(0)
        expect(zone.prefix).toBeGreaterThan(0)
        // name and zone together are the whole reverse name
        const labels = `${nameInReverseZone(zone, ends[0]!)}.${reverseZoneName(zone)}`.split('.')
        expect(labels).toHaveLength(zone.version === 4 ? 6 : 34)
      }
      // they follow one another without a gap
      for (const [index, zone] of zones.slice(1).entries()) expect(zone.base).toBe(lastOf(zones[index]!) + 1n)
    },
  )
})
