import { parseAddress } from '../src/domain/address.ts'
import { parseCidr } from '../src/domain/cidr.ts'
import type { HeldAddress } from '../src/domain/dns-names.ts'
import type { Network } from '../src/domain/network.ts'

const network = (cidr: string, nsAddress: string, rest: Partial<Network> & { name: string }): Network => {
  const [base, prefix] = cidr.split('/')
  const texts = { nsHostname: 'ns', include: '', revInclude: '', comment: '' }
  return { id: 0, cidr: parseCidr(base!, prefix!), nsAddress: parseAddress(nsAddress), ...texts, ...rest }
}

/**
 * Networks that have all there is to zones: one below another in names and in addresses, a reverse zone that two of them share, both
 * IP versions, public addresses that take several reverse zones, and lines of the site's own.
 */
export const dnsNetworks: Network[] = [
  network('10.0.0.0/8', '10.255.255.254', { name: 'all' }),
  network('10.30.0.0/18', '10.30.63.254', {
    name: 'cluster',
    include:
      'www CNAME node001\n; $ORIGIN and $TTL hold to the end of the text\n$TTL 60\n$ORIGIN sub.cluster.\nx A 10.30.9.9',
    revInclude: '9.9 PTR x.sub.cluster.\n',
  }),
  network('fd12:3456::/64', 'fd12:3456::ffff', { name: 'cluster6', nsHostname: 'head' }),
  network('10.30.64.0/18', '10.30.127.254', { name: 'ib.cluster', revInclude: '$TTL 30\n8.64 PTR y.ib.cluster.' }),
  network('198.51.100.0/23', '198.51.101.254', { name: 'public', revInclude: '200 TXT "of both"\n' }),
]

const held = (name: string, one: string | undefined, where: string, address: string): HeldAddress => ({
  name,
  interface: one,
  network: where,
  address: parseAddress(address),
})

export const dnsAddresses: HeldAddress[] = [
  held('node001', 'BOOTIF', 'cluster', '10.30.0.1'),
  held('node001', 'BOOTIF', 'cluster6', 'fd12:3456::1'),
  held('node001', 'ib0', 'ib.cluster', '10.30.64.1'),
  held('node001', 'BMC', 'all', '10.40.0.1'),
  held('node001', 'eth1', 'public', '198.51.100.7'),
  held('node002', 'BOOTIF', 'cluster', '10.30.0.2'),
  held('node002', 'BMC', 'cluster', '10.30.1.2'),
  held('node002', 'eth0.7', 'cluster', '10.30.2.2'),
  held('node002', 'eth1', 'public', '198.51.101.7'),
  held('pdu', undefined, 'all', '10.30.3.3'),
  held('switch01', undefined, 'all', '10.41.0.1'),
]
