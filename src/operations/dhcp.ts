import type { Address } from '../domain/address.ts'
import { formatAddress } from '../domain/address.ts'
import { contains, formatCidr } from '../domain/cidr.ts'
import { type Cluster, type DhcpRange, getFrontendAddress } from '../domain/cluster.ts'
import { checkHostAddress, type Network } from '../domain/network.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { dhcpdView } from '../render/dhcp.ts'
import { getCluster, putCluster } from '../store/clusters.ts'
import { listGroups } from '../store/groups.ts'
import { getNetwork, takenRanges } from '../store/networks.ts'
import { listNodes } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { checkDhcpd, complaintOfDhcpd, dhcpdFile } from '../tools/dhcpd.ts'
import { restartUnit } from '../tools/systemctl.ts'

export interface DhcpInput {
  network: string
  first: Address
  last: Address
}

/**
 * Writes dhcpd.conf for the network and reserves its range; with no input, writes it again from what is stored. The range is stored
 * only when dhcpd accepts the file. Returns a warning when the server could not be restarted.
 */
export async function makeDhcp(
  { store, files, templates, exec }: Pick<Luna, 'store' | 'files' | 'templates' | 'exec'>,
  input: DhcpInput | undefined,
): Promise<{ path: string; warning: string | undefined }> {
  const view = await store.read(async tx => {
    const { cluster, network, range } = await planRange(tx, input)
    return dhcpdView(cluster, network, range, await listNodes(tx), await listGroups(tx))
  })
  await files.replace({
    path: dhcpdFile,
    content: templates.render('dhcpd.conf', { ...view }),
    check: checkDhcpd,
    complaint: complaintOfDhcpd,
    // planned again under the write lock: another command may have taken an address of the range since
    accepted: () =>
      store.write(async tx => {
        const { cluster, range } = await planRange(tx, input)
        await putCluster(tx, { ...cluster, dhcp: range })
      }),
  })
  return { path: dhcpdFile, warning: await restart({ exec, files }) }
}

async function planRange(tx: Tx, input: DhcpInput | undefined) {
  const cluster = await getCluster(tx)
  const range: DhcpRange | undefined = input ?? cluster.dhcp
  if (!range)
    throw new LunaError(
      'usage',
      'no DHCP range is stored yet; run: luna cluster makedhcp -N NETWORK -s START_IP -e END_IP',
    )
  const network = await getNetwork(tx, range.network)
  checkServer(cluster, network)
  checkRange(network, range)
  if (input) await checkRangeFree(tx, cluster, network, range)
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
  const address = formatAddress({ version: 4, value: hit.first < first.value ? first.value : hit.first })
  throw new LunaError(
    'conflict',
    `the range ${formatAddress(first)} to ${formatAddress(last)} holds ${address}, which is in use or reserved; nothing was changed`,
  )
}

/** Debian calls the unit isc-dhcp-server (an init script still), Red Hat dhcpd. */
async function restart({ exec, files }: Pick<Luna, 'exec' | 'files'>): Promise<string | undefined> {
  const unit = (await files.read('/etc/init.d/isc-dhcp-server')) === undefined ? 'dhcpd' : 'isc-dhcp-server'
  try {
    await exec.run(restartUnit(unit))
    return undefined
  } catch (error) {
    const { message, detail } = error as LunaError
    return `${dhcpdFile} is in place, but ${unit} did not restart (${message}); see: systemctl status ${unit}${detail ? `\n${detail}` : ''}`
  }
}
