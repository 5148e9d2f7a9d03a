import { formatAddress } from '../domain/address.ts'
import { broadcastOf, netmaskOf } from '../domain/cidr.ts'
import { type Cluster, type DhcpRange, getFrontendAddress } from '../domain/cluster.ts'
import type { FailoverPair } from '../domain/failover.ts'
import { frontendUrl } from '../domain/frontend-url.ts'
import { bmcInterface, bootInterfaceOf, type Group } from '../domain/group.ts'
import type { Network } from '../domain/network.ts'
import type { Node } from '../domain/node.ts'

/** The variables of templates/dhcpd.conf and templates/kea-dhcp4.conf. */
export interface DhcpView {
  subnet: string
  prefix: number
  netmask: string
  broadcast: string
  range_first: string
  range_last: string
  name_server: string
  domain: string
  frontend_address: string
  /** What iPXE is sent to: the menu. */
  boot_url: string
  hosts: { name: string; mac: string; address: string }[]
  /** Null with one head: Liquid is strict about what is undefined. */
  failover: FailoverView | null
}

interface FailoverView {
  role: FailoverPair['role']
  own_address: string
  peer_address: string
}

/** What a DHCP server is told of one IPv4 network; nodes with a MAC and an address there get a reservation. */
export function dhcpView(input: {
  cluster: Cluster
  network: Network
  range: DhcpRange
  nodes: readonly Node[]
  groups: readonly Group[]
  pair: FailoverPair | undefined
}): DhcpView {
  const { cluster, network, range, nodes, groups, pair } = input
  const bootInterfaces = new Map(groups.map(group => [group.name, bootInterfaceOf(group)]))
  return {
    subnet: formatAddress({ version: 4, value: network.cidr.base }),
    prefix: network.cidr.prefix,
    netmask: netmaskOf(network.cidr),
    broadcast: broadcastOf(network.cidr),
    range_first: formatAddress(range.first),
    range_last: formatAddress(range.last),
    name_server: formatAddress(network.nsAddress),
    domain: network.name,
    frontend_address: formatAddress(getFrontendAddress(cluster)),
    boot_url: `${frontendUrl(cluster)}/luna?step=boot`,
    hosts: nodes.flatMap(node => hostOf(node, network.name, bootInterfaces.get(node.group))),
    failover: pair ? failoverView(pair) : null,
  }
}

/** The boot interface where it is in the network, else the node's first interface there; never the BMC, whose MAC is another. */
function hostOf(node: Node, network: string, bootInterface: string | undefined): DhcpView['hosts'] {
  const here = node.addresses.filter(
    held => held.network === network && held.interface !== bmcInterface && held.address.version === 4,
  )
  const held = here.find(one => one.interface === bootInterface) ?? here[0]
  return node.mac && held ? [{ name: node.name, mac: node.mac, address: formatAddress(held.address) }] : []
}

const failoverView = ({ role, own, peer }: FailoverPair): FailoverView => ({
  role,
  own_address: formatAddress(own),
  peer_address: formatAddress(peer),
})
