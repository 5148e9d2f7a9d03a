import { type Address, type IpVersion, widthOf } from './address.ts'
import { type Cidr, lastOf, networkOf, parseCidr } from './cidr.ts'

/** Reverse names have a label for each octet (RFC 1035 3.5) or nibble (RFC 3596 2.5) of the address. */
const labelBits = { 4: 8, 6: 4 } as const
const root = { 4: 'in-addr.arpa', 6: 'ip6.arpa' } as const

/** Labels of an address, the most significant first. */
function labelsOf({ version, value }: Address): string[] {
  const hex = value.toString(16).padStart(widthOf(version) / 4, '0')
  return version === 6 ? [...hex] : hex.match(/../g)!.map(octet => String(Number.parseInt(octet, 16)))
}

/** `30.10.in-addr.arpa` of 10.30.0.0/16, whose prefix must end with an octet or nibble. */
export function reverseZoneName({ version, base, prefix }: Cidr): string {
  const labels = labelsOf({ version, value: base }).slice(0, prefix / labelBits[version])
  return [...labels.reverse(), root[version]].join('.')
}

/** `1.0` of 10.30.0.1 in 10.30.0.0/16. */
export const nameInReverseZone = (zone: Cidr, address: Address): string =>
  labelsOf(address)
    .slice(zone.prefix / labelBits[zone.version])
    .reverse()
    .join('.')

/** Nobody's in particular, so that a zone of all of it hides nobody's names (RFC 6303 4, RFC 7793; fe80::/10 is no nibble's). */
const shared: readonly Cidr[] = [
  ['10.0.0.0', '8'],
  ['172.16.0.0', '12'],
  ['192.168.0.0', '16'],
  ['169.254.0.0', '16'],
  ['100.64.0.0', '10'],
  ['fc00::', '7'],
].map(([base, prefix]) => parseCidr(base!, prefix!))

const within = (inner: Cidr, outer: Cidr): boolean =>
  inner.version === outer.version && inner.base >= outer.base && lastOf(inner) <= lastOf(outer)

/** The longest prefix that is worth several zones: beyond it they would be zones of single hosts. */
const longestCut: Record<IpVersion, number> = { 4: 24, 6: 124 }

/**
 * The reverse zones of a network: the one cut at the octet or nibble below its prefix. Where that would claim public addresses which
 * are not the network's (172.0.0.0/8 for 172.16.0.0/12), the several ones cut above it, as registries delegate them.
 */
export function reverseZonesOf(network: Cidr): Cidr[] {
  const { version, base, prefix } = network
  const step = labelBits[version]
  const below = networkOf({ version, value: base }, prefix - (prefix % step))
  const above = below.prefix + step
  const harmless = below.prefix === prefix || shared.some(block => within(below, block)) || above > longestCut[version]
  if (harmless) return [below]
  const size = 1n << BigInt(widthOf(version) - above)
  return Array.from({ length: 2 ** (above - prefix) }, (_, index) => ({
    version,
    base: base + BigInt(index) * size,
    prefix: above,
  }))
}
