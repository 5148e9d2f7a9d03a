/** What a node's network files are made from. */
export interface NetworkInput {
  /** As it goes to /etc/hostname: `node001.cluster` or `node001`. */
  hostname: string
  /** In the group's order. BMC is left out by whoever makes this, and once more here. */
  interfaces: readonly InterfaceInput[]
  /** Addresses of name servers, for the first interface that has a fixed address. */
  nameservers?: readonly string[]
  /** Domains to look up short names in. */
  search?: readonly string[]
}

export interface InterfaceInput {
  /** `BOOTIF`, or the name that the node's system gives it. */
  name: string
  /** Of BOOTIF: the MAC the node boots from, `52:54:00:12:34:56`. */
  mac?: string | undefined
  /** At most one IPv4 and one IPv6 address. */
  addresses: readonly { address: string; prefix: number }[]
  /** The administrator's lines in the syntax of the file that is written; may be empty. */
  params: string
}

/** The variables of templates/network: `hostname` and one of these per interface. Absent is null, which Liquid takes as false. */
export interface InterfaceView {
  /** `BOOTIF` or the system's name. */
  name: string
  /** The system's name; `@BOOTIF@` stands for that of BOOTIF until the node knows it. */
  device: string
  mac: string | null
  /** Asks DHCP: BOOTIF without any fixed address. */
  dhcp: boolean
  ipv4: AddressView | null
  ipv6: AddressView | null
  nameservers: string[]
  search: string[]
  /** Lines of the administrator's parameters. */
  params: string[]
  /** Section of netplan's YAML that it belongs to. */
  kind: NetplanKind
}

export interface AddressView {
  address: string
  prefix: number
  /** Those of the address's own version. */
  nameservers: string[]
}

export type NetplanKind = 'ethernets' | 'bonds' | 'bridges' | 'vlans'

/** Stands for the system's name of the boot interface, in paths and contents; replaced on the node. */
export const bootInterfacePlaceholder = '@BOOTIF@'

/** The interfaces that are written: all but BMC and those with nothing to say. */
export function networkView(input: NetworkInput): { hostname: string; interfaces: InterfaceView[] } {
  const written = input.interfaces.filter(({ name, addresses, params }) => {
    if (name === 'BMC') return false
    return name === 'BOOTIF' || addresses.length > 0 || params.trim() !== ''
  })
  const resolving = written.find(({ addresses }) => addresses.length > 0)
  return {
    hostname: input.hostname,
    interfaces: written.map(one => interfaceView(one, one === resolving ? input : {})),
  }
}

type Resolver = Pick<NetworkInput, 'nameservers' | 'search'>

function interfaceView(one: InterfaceInput, resolver: Resolver): InterfaceView {
  const { name, addresses } = one
  const ipv4 = addresses.find(({ address }) => !isIpv6(address))
  const ipv6 = addresses.find(({ address }) => isIpv6(address))
  const { nameservers = [], search = [] } = resolver
  return {
    name,
    device: name === 'BOOTIF' ? bootInterfacePlaceholder : name,
    mac: one.mac || null,
    dhcp: name === 'BOOTIF' && addresses.length === 0,
    ipv4: ipv4 ? { ...ipv4, nameservers: nameservers.filter(server => !isIpv6(server)) } : null,
    ipv6: ipv6 ? { ...ipv6, nameservers: nameservers.filter(isIpv6) } : null,
    nameservers: [...nameservers],
    search: [...search],
    params: linesOf(one.params),
    kind: kindOf(name),
  }
}

const isIpv6 = (address: string): boolean => address.includes(':')

/** Blank lines at either end and the carriage returns of an editor elsewhere are not part of the parameters. */
function linesOf(text: string): string[] {
  const trimmed = text
    .replaceAll('\r', '')
    .replace(/^\s*\n/, '')
    .trimEnd()
  return trimmed === '' ? [] : trimmed.split('\n')
}

/** Bonds, bridges and VLANs are told by the names they are usually given: netplan(5) wants them in sections of their own. */
function kindOf(name: string): NetplanKind {
  if (/^bond\d+$/.test(name)) return 'bonds'
  if (/^br\d+$/.test(name)) return 'bridges'
  return /^vlan\d+$|\.\d+$/.test(name) ? 'vlans' : 'ethernets'
}
