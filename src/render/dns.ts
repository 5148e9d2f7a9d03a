import { type Address, formatAddress } from '../domain/address.ts'
import { type Cidr, contains } from '../domain/cidr.ts'
import { type DnsName, type HeldAddress, type HostName, lostHostNames, namesInZone } from '../domain/dns-names.ts'
import type { Network } from '../domain/network.ts'
import { nameInReverseZone, reverseZoneName, reverseZonesOf } from '../domain/reverse-zone.ts'
import type { RenderTemplate } from './network/network-files.ts'

/** How the files of zones end, and how each begins: what has both is Luna's own to remove. */
export const zoneEnding = '.luna.zone'
const mark = 'Written by "luna cluster makedns". Changes made here are lost at its next run'
const zoneMark = `; ${mark}: see luna network change --include.\n`
const zonesFileMark = `// ${mark}.\n`

export const wroteZone = (text: string): boolean => text.startsWith(zoneMark)
export const wroteZonesFile = (text: string): boolean => text.startsWith(zonesFileMark)

/** A zone file: RFC 1035 5. */
export const renderZone = (view: ZoneView, serial: number, render: RenderTemplate): string =>
  zoneMark + render('zone.liquid', { ...view, serial })

/** The file that named.conf includes, for zone files in that directory. */
export const renderZonesFile = (zones: readonly ZoneView[], directory: string, render: RenderTemplate): string =>
  zonesFileMark +
  render('named-zones.liquid', {
    zones: zones.map(({ zone, reverse }) => ({ name: zone, reverse, file: `${directory}/${zone}${zoneEnding}` })),
  })

/** The variables of templates/zone.liquid, but for its serial number. */
export interface ZoneView {
  zone: string
  reverse: boolean
  /** SOA's MNAME and RNAME (RFC 1035 3.3.13), and the NS records' names; all of them end with a dot. */
  primary: string
  contact: string
  name_servers: string[]
  records: ZoneRecord[]
  /** What the networks of the zone add, each with line ends. */
  includes: { network: string; text: string }[]
}

/** A name without the zone's, a type and its value. */
export interface ZoneRecord {
  name: string
  type: 'A' | 'AAAA' | 'PTR' | 'NS'
  value: string
}

/** A network with the names of its zone. */
interface NamedNetwork extends Network {
  names: DnsName[]
  /** Networks whose zones lie right below: `ib.cluster` of `cluster`. */
  children: Network[]
}

/** Every zone of the cluster, a forward one for each network first, and what could not be in them. */
export function zoneViews(
  networks: readonly Network[],
  held: readonly HeldAddress[],
  hosts: readonly HostName[],
): { zones: ZoneView[]; warnings: string[] } {
  const byNetwork = Map.groupBy(held, one => one.network)
  const named = networks.map(network => {
    const children = childrenOf(network, networks)
    const labels = children.map(child => nameBelow(child, network))
    return { ...network, children, ...namesInZone(network, byNetwork.get(network.name) ?? [], labels) }
  })
  return {
    zones: [...named.map(forwardZone), ...reverseZones(named)],
    warnings: named.flatMap(network => [...network.warnings, ...lostHostNames(hosts, network, network.names)]),
  }
}

interface Named {
  name: string
}

const childrenOf = <T extends Named>(parent: Named, zones: readonly T[]): T[] =>
  zones.filter(zone => findParent(zone, zones)?.name === parent.name)

const findParent = ({ name }: Named, zones: readonly Named[]): Named | undefined =>
  zones.filter(one => name.endsWith(`.${one.name}`)).toSorted((a, b) => b.name.length - a.name.length)[0]

const nameBelow = (child: Named, parent: Named): string => child.name.slice(0, -parent.name.length - 1)

const nameServerOf = ({ nsHostname, name }: Network): string => `${nsHostname}.${name}.`

/** RFC 2142 7: whom to write to about a zone. */
const contactOf = ({ name }: Network): string => `hostmaster.${name}.`

const forwardZone = (network: NamedNetwork): ZoneView => ({
  zone: network.name,
  reverse: false,
  primary: nameServerOf(network),
  contact: contactOf(network),
  name_servers: [nameServerOf(network)],
  records: [
    ...network.names.map(({ label, address }) => addressRecord(label, address)),
    ...network.children.flatMap(child => delegation(child, nameBelow(child, network))),
  ],
  includes: includesOf([network], one => one.include),
})

const addressRecord = (name: string, address: Address): ZoneRecord => ({
  name,
  type: address.version === 4 ? 'A' : 'AAAA',
  value: formatAddress(address),
})

/** A zone cut, and the address of the name server below it, which nobody could find otherwise (RFC 1034 4.2.1). */
const delegation = (child: Network, name: string): ZoneRecord[] => [
  { name, type: 'NS', value: nameServerOf(child) },
  addressRecord(`${child.nsHostname}.${name}`, child.nsAddress),
]

/** A text that does not end with a line break would spoil the line after it. */
const includesOf = (networks: readonly Network[], textOf: (network: Network) => string): ZoneView['includes'] =>
  networks
    .filter(network => textOf(network) !== '')
    .map(network => ({ network: network.name, text: textOf(network).replace(/\n?$/, '\n') }))

interface ReverseZone extends Named {
  cidr: Cidr
  /** Those that it is a reverse zone of: two that are cut at the same place have one together. */
  networks: NamedNetwork[]
  records: ZoneRecord[]
}

function reverseZones(named: readonly NamedNetwork[]): ZoneView[] {
  const byName = new Map<string, ReverseZone>()
  for (const network of named)
    for (const cidr of reverseZonesOf(network.cidr)) {
      const name = reverseZoneName(cidr)
      const zone = byName.get(name) ?? { name, cidr, networks: [], records: [] }
      zone.networks.push(network)
      byName.set(name, zone)
    }
  const zones = [...byName.values()]
  addPointers(zones, named)
  return zones.map(zone => reverseView(zone, childrenOf(zone, zones)))
}

/** Each in the zone with the longest prefix, since that is where a server looks for it. */
function addPointers(zones: readonly ReverseZone[], named: readonly NamedNetwork[]): void {
  const longestFirst = zones.toSorted((a, b) => b.cidr.prefix - a.cidr.prefix)
  const names = named.flatMap(({ name, names }) => names.map(one => ({ ...one, host: `${one.label}.${name}.` })))
  for (const { address, host } of names.toSorted((a, b) => compare(a.address.value, b.address.value))) {
    const zone = longestFirst.find(({ cidr }) => contains(cidr, address))!
    zone.records.push({ name: nameInReverseZone(zone.cidr, address), type: 'PTR', value: host })
  }
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b))

function reverseView(zone: ReverseZone, children: readonly ReverseZone[]): ZoneView {
  const [first] = zone.networks
  const cuts = children.flatMap(child =>
    child.networks.map(network => ({
      name: nameBelow(child, zone),
      type: 'NS' as const,
      value: nameServerOf(network),
    })),
  )
  return {
    zone: zone.name,
    reverse: true,
    primary: nameServerOf(first!),
    contact: contactOf(first!),
    name_servers: zone.networks.map(nameServerOf),
    records: [...zone.records, ...cuts],
    includes: includesOf(zone.networks, one => one.revInclude),
  }
}
