import { type Address, formatAddress } from '../domain/address.ts'
import { contains, formatCidr } from '../domain/cidr.ts'
import { type Cluster, type DhcpRange, getFrontendAddress } from '../domain/cluster.ts'
import { checkHostAddress, type Network } from '../domain/network.ts'
import { LunaError } from '../errors.ts'
import { findAddressOwner } from '../store/addresses.ts'
import { getCluster } from '../store/clusters.ts'
import { getNetwork, takenRanges } from '../store/networks.ts'
import type { Tx } from '../store/store.ts'
import { findUse } from './addresses.ts'

/** The cluster as it shall be and its range, after every check that needs no other program; for the write again under its lock. */
export async function planRange(
  tx: Tx,
  input: { range?: DhcpRange | undefined; nativeDhcpHa?: boolean | undefined },
): Promise<{ cluster: Cluster; network: Network; range: DhcpRange }> {
  const stored = await getCluster(tx)
  const cluster = { ...stored, nativeDhcpHa: input.nativeDhcpHa ?? stored.nativeDhcpHa }
  const range = input.range ?? stored.dhcp
  if (!range)
    throw new LunaError(
      'usage',
      'no DHCP range is stored yet; run: luna cluster makedhcp -N NETWORK -s START_IP -e END_IP',
    )
  const network = await getNetwork(tx, range.network)
  checkServer(cluster, network)
  checkRange(network, range)
  if (input.range) await checkRangeFree(tx, cluster, network, range)
  return { cluster, network, range }
}

function checkServer(cluster: Cluster, network: Network): void {
  const address = getFrontendAddress(cluster)
  if (network.cidr.version !== 4)
    throw new LunaError('invalid', `network "${network.name}" is IPv6; PXE's DHCP needs an IPv4 network`)
  if (!contains(network.cidr, address))
    throw new LunaError(
      'invalid',
      `the frontend address ${formatAddress(address)} is not in network "${network.name}" (${formatCidr(network.cidr)}); nodes could not reach it`,
    )
  checkHostAddress(network, address)
}

function checkRange(network: Network, { first, last }: DhcpRange): void {
  checkHostAddress(network, first)
  checkHostAddress(network, last)
  if (first.value > last.value)
    throw new LunaError('invalid', `the range ${formatAddress(first)} to ${formatAddress(last)} runs backwards`)
}

async function checkRangeFree(tx: Tx, cluster: Cluster, network: Network, { first, last }: DhcpRange): Promise<void> {
  const own = cluster.dhcp
  const taken = (await takenRanges(tx, network)).filter(
    range => !(own && own.first.value === range.first && own.last.value === range.last),
  )
  const hit = taken.find(range => range.first <= last.value && range.last >= first.value)
  if (!hit) return
  const address: Address = { version: 4, value: hit.first < first.value ? first.value : hit.first }
  const holder = (await findAddressOwner(tx, address)) ?? (await findUse(tx, network, address))
  throw new LunaError(
    'conflict',
    `the range ${formatAddress(first)} to ${formatAddress(last)} holds ${formatAddress(address)} (${holder}); nothing was changed`,
  )
}
