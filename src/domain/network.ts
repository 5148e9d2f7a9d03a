import { LunaError } from '../errors.ts'
import { type Address, formatAddress } from './address.ts'
import { type Cidr, contains, formatCidr, type Range, usableRange } from './cidr.ts'

/** A network the cluster has addresses in; also a DNS zone of the same name. */
export interface Network {
  id: number
  name: string
  cidr: Cidr
  nsHostname: string
  /** The name server's address, never given to anyone else. */
  nsAddress: Address
  /** What the site adds to the network's zone, and to its reverse zones: lines of a zone file. */
  include: string
  revInclude: string
  comment: string
}

/** The address a network's name server gets when none is named: the last usable one. */
export const defaultNsAddress = (cidr: Cidr): Address => ({ version: cidr.version, value: usableRange(cidr).last })

/** Refuses an address that no host of the network can have. */
export function checkHostAddress(network: Pick<Network, 'name' | 'cidr'>, address: Address): void {
  const { cidr, name } = network
  const text = formatAddress(address)
  if (!contains(cidr, address))
    throw new LunaError('invalid', `${text} is not in network "${name}" (${formatCidr(cidr)})`)
  const { first, last } = usableRange(cidr)
  if (address.value < first) throw new LunaError('invalid', `${text} is the address of network "${name}" itself`)
  if (address.value > last) throw new LunaError('invalid', `${text} is the broadcast address of network "${name}"`)
}

/** Addresses of a network that nobody is given, and what for. */
export interface KeptRange {
  first: Address
  last: Address
  use: 'reserved' | 'DHCP range' | 'name server' | 'frontend address' | 'head node'
}

export const rangeOf = (address: Address): Range => ({ first: address.value, last: address.value })
