import { LunaError } from '../errors.ts'
import { type Address, formatAddress, type IpVersion, isUnicast, parseAddress, widthOf } from './address.ts'

/** A network: its base address and prefix length. The host bits of `base` are zero. */
export interface Cidr {
  readonly version: IpVersion
  readonly base: bigint
  readonly prefix: number
}

/** First and last address, both included. */
export interface Range {
  readonly first: bigint
  readonly last: bigint
}

export function parsePrefix(text: string, version: IpVersion): number {
  const prefix = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  const longest = widthOf(version) - 2 // the network, the broadcast address and two to use
  if (prefix >= 1 && prefix <= longest) return prefix
  throw new LunaError('invalid', `"${text}" is not a prefix length for IPv${version} (1 to ${longest})`)
}

/** `10.30.4.1` and `16` are 10.30.0.0/16. */
export function parseCidr(addressText: string, prefixText: string): Cidr {
  const { version, value } = parseAddress(addressText)
  const cidr = networkOf({ version, value }, parsePrefix(prefixText, version))
  if (isUnicast({ version, value: cidr.base }) && isUnicast({ version, value: lastOf(cidr) })) return cidr
  throw new LunaError('invalid', `${formatCidr(cidr)} holds addresses that no machine can have`)
}

/** The network of that prefix length which the address lies in. */
export const networkOf = ({ version, value }: Address, prefix: number): Cidr => {
  const hostBits = BigInt(widthOf(version) - prefix)
  return { version, base: (value >> hostBits) << hostBits, prefix }
}

export const lastOf = (cidr: Cidr): bigint => cidr.base + (1n << BigInt(widthOf(cidr.version) - cidr.prefix)) - 1n

export const contains = (cidr: Cidr, address: Address): boolean =>
  address.version === cidr.version && address.value >= cidr.base && address.value <= lastOf(cidr)

/** Addresses a host may have: without the network and, in IPv4, the broadcast address (RFC 1122 3.2.1.3); in IPv6 the
 * base is the subnet-router anycast address (RFC 4291 2.6.1). */
export const usableRange = (cidr: Cidr): Range => ({
  first: cidr.base + 1n,
  last: cidr.version === 4 ? lastOf(cidr) - 1n : lastOf(cidr),
})

export const isHostOf = (cidr: Cidr, address: Address): boolean => {
  const { first, last } = usableRange(cidr)
  return address.version === cidr.version && address.value >= first && address.value <= last
}

export const overlaps = (a: Cidr, b: Cidr): boolean =>
  a.version === b.version && a.base <= lastOf(b) && b.base <= lastOf(a)

export const formatCidr = (cidr: Cidr): string =>
  `${formatAddress({ version: cidr.version, value: cidr.base })}/${cidr.prefix}`

/** 255.255.0.0 of an IPv4 network. */
export const netmaskOf = (cidr: Cidr): string =>
  formatAddress({ version: 4, value: (0xffff_ffffn << BigInt(32 - cidr.prefix)) & 0xffff_ffffn })

/** 10.30.255.255 of 10.30.0.0/16. */
export const broadcastOf = (cidr: Cidr): string => formatAddress({ version: 4, value: lastOf(cidr) })
