import type { Address } from './address.ts'
import { foldHostlist } from './hostlist.ts'
import type { Network } from './network.ts'

/** An address and whose it is: a node's, a switch's or another device's. */
export interface HeldAddress {
  name: string
  /** Which of a node's interfaces has it. */
  interface: string | undefined
  network: string
  address: Address
}

/** What a node calls itself: its name and the network that is its group's domain. */
export interface HostName {
  name: string
  domain: string
}

/** A name in a network's zone, without the zone. */
export interface DnsName {
  label: string
  address: Address
}

/** RFC 1035 2.3.4: octets of a label, and of a whole name as text without its last dot. */
const longestLabel = 63
const longestName = 253

/**
 * The names of a network's zone, its name server first. Names that somebody chose go before those that are made of a node's and an
 * interface's: who comes too late, or has a name that DNS cannot hold, is left out, and a warning says so.
 * @param children first labels of the zones right below this one
 */
export function namesInZone(
  network: Network,
  held: readonly HeldAddress[],
  children: readonly string[] = [],
): { names: DnsName[]; warnings: string[] } {
  const names: DnsName[] = [{ label: network.nsHostname, address: network.nsAddress }]
  const holders = new Map(children.map(label => [label, 'a zone of its own']))
  holders.set(network.nsHostname, 'the name server')
  const troubles = new Map<string, string[]>()
  for (const wish of wishesOf(held)) {
    const key = wish.label.toLowerCase()
    const reason = reasonAgainst(wish, network, holders.get(key))
    const trouble = reason ?? (wish.shared ? sharedName(wish, network) : undefined)
    if (trouble !== undefined) troubles.set(trouble, [...(troubles.get(trouble) ?? []), wish.owner])
    if (reason !== undefined) continue
    holders.set(key, wish.owner)
    names.push({ label: wish.label, address: wish.address })
  }
  return { names, warnings: [...troubles].map(([trouble, who]) => `${foldHostlist([...new Set(who)])} ${trouble}`) }
}

interface Wish extends DnsName {
  /** Node, switch or device. */
  owner: string
  /** Another interface of the node makes the same name, but for the case of its letters. */
  shared: boolean
}

/** Who has one address there goes by its own name; who has several by that of the interface besides. */
function wishesOf(held: readonly HeldAddress[]): Wish[] {
  const owners = [...Map.groupBy(held, one => one.name).values()]
  const plain = owners.filter(addresses => addresses.length === 1).flat()
  return [
    ...plain.map(({ name, address }) => ({ label: name, address, owner: name, shared: false })),
    ...owners.filter(addresses => addresses.length > 1).flatMap(wishesOfInterfaces),
  ]
}

function wishesOfInterfaces(addresses: readonly HeldAddress[]): Wish[] {
  const suffixes = addresses.map(one => suffixOf(one.interface ?? ''))
  return addresses.map(({ name, address }, index) => {
    const suffix = suffixes[index]!
    const lower = suffix.toLowerCase()
    const shared = suffixes.filter(other => other.toLowerCase() === lower).length > 1
    return { label: `${name}-${shared ? suffix : lower}`, address, owner: name, shared }
  })
}

/** The dot of `eth0.7` would begin a zone, and `_` is not for a host's name (RFC 952, RFC 1123 2.1). */
const suffixOf = (name: string): string => name.replace(/[^A-Za-z0-9-]/g, '-').replace(/-+$/, '')

/** Why the name cannot be in the zone, as the end of a warning about its owner. */
function reasonAgainst({ label, owner }: Wish, network: Network, holder: string | undefined): string | undefined {
  const suffix = label.slice(owner.length)
  if (label.length > longestLabel || label.length + 1 + network.name.length > longestName)
    return `left out of zone ${network.name}: DNS has no room for the name${suffix && ` with ${suffix}`}`
  if (holder !== undefined && holder !== owner)
    return `left out of zone ${network.name}: ${label} is the name of ${holder} there; rename one of them`
  return undefined
}

/** Both stay, since either is better than none. */
const sharedName = ({ label, owner }: Wish, network: Network): string =>
  `more than one interface is ${label.slice(owner.length).toLowerCase()} in zone ${network.name}: DNS tells no upper from lower case; rename one`

/** Warnings for nodes that cannot be found by the name that they call themselves. */
export function lostHostNames(hosts: readonly HostName[], network: Network, names: readonly DnsName[]): string[] {
  const labels = new Set(names.map(one => one.label))
  const lost = hosts.filter(({ name, domain }) => domain === network.name && !labels.has(name))
  if (lost.length === 0) return []
  const who = foldHostlist(lost.map(one => one.name))
  return [
    `${who} not in zone ${network.name} by that name, though it is their group's domain: no address there, or several`,
  ]
}
