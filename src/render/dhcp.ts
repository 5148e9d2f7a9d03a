import { formatAddress } from '../domain/address.ts'
import { broadcastOf, netmaskOf } from '../domain/cidr.ts'
import { type Cluster, type DhcpRange, getFrontendAddress } from '../domain/cluster.ts'
import { bmcInterface, bootInterfaceOf, type Group } from '../domain/group.ts'
import type { Network } from '../domain/network.ts'
import type { Node } from '../domain/node.ts'

/** The variables of templates/dhcpd.conf. */
export interface DhcpdView {
  subnet: string
  netmask: string
  broadcast: string
  range_first: string
  range_last: string
  name_server: string
  domain: string
  frontend_address: string
  frontend_port: number
  hosts: { name: string; mac: string; address: string }[]
}

/** dhcpd.conf(5) for one IPv4 network; nodes with a MAC and an address there get a reservation. */
export function dhcpdView(
  cluster: Cluster,
  network: Network,
  range: DhcpRange,
  nodes: readonly Node[],
  groups: readonly Group[],
): DhcpdView {
  const bootInterfaces = new Map(groups.map(group => [group.name, bootInterfaceOf(group)]))
  return {
    subnet: formatAddress({ version: 4, value: network.cidr.base }),
    netmask: netmaskOf(network.cidr),
    broadcast: broadcastOf(network.cidr),
    range_first: formatAddress(range.first),
    range_last: formatAddress(range.last),
    name_server: formatAddress(network.nsAddress),
    domain: network.name,
    frontend_address: formatAddress(getFrontendAddress(cluster)),
    frontend_port: cluster.frontendPort,
    hosts: nodes.flatMap(node => hostOf(node, network.name, bootInterfaces.get(node.group))),
  }
}

/** The boot interface where it is in the network, else the node's first interface there; never the BMC, whose MAC is another. */
function hostOf(node: Node, network: string, bootInterface: string | undefined): DhcpdView['hosts'] {
  const here = node.addresses.filter(
    held => held.network === network && held.interface !== bmcInterface && held.address.version === 4,
  )
  const held = here.find(one => one.interface === bootInterface) ?? here[0]
  return node.mac && held ? [{ name: node.name, mac: node.mac, address: formatAddress(held.address) }] : []
}
