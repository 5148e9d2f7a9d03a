import { type Address, formatAddress, sameAddress } from '../domain/address.ts'
import { type Cidr, contains, formatCidr, isHostOf, overlaps } from '../domain/cidr.ts'
import { type Cluster, inDhcpRange } from '../domain/cluster.ts'
import { nameHosts } from '../domain/hostlist.ts'
import { checkHostAddress, defaultNsAddress, type Network } from '../domain/network.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { findAddressOwner, listOwners } from '../store/addresses.ts'
import { findCluster } from '../store/clusters.ts'
import { listGroups } from '../store/groups.ts'
import {
  deleteNetwork,
  deleteReserved,
  findNetwork,
  getNetwork,
  insertNetwork,
  insertReserved,
  listKept,
  listNetworks,
  listReserved,
  updateNetwork,
} from '../store/networks.ts'
import type { Tx } from '../store/store.ts'

export interface NetworkInput {
  name: string
  cidr: Cidr
  nsHostname?: string
  nsAddress?: Address
}

/** Adds a network; returns a warning for each other network that it overlaps. */
export async function addNetwork({ store }: Pick<Luna, 'store'>, input: NetworkInput): Promise<string[]> {
  return store.write(async tx => {
    if (await findNetwork(tx, input.name)) throw taken(input.name)
    const network = {
      name: input.name,
      cidr: input.cidr,
      nsHostname: input.nsHostname ?? 'ns',
      nsAddress: input.nsAddress ?? defaultNsAddress(input.cidr),
      include: '',
      revInclude: '',
      comment: '',
    }
    await checkNameServer(tx, network)
    const warnings = await checkOverlap(tx, network)
    await insertNetwork(tx, network)
    return warnings
  })
}

/** The head may be the name server, so that its own address is free for it. */
async function checkNameServer(tx: Tx, network: Omit<Network, 'id'>): Promise<void> {
  const { name, nsAddress } = network
  checkHostAddress(network, nsAddress)
  const advice = `give network "${name}" another name server by --ns_ip ADDRESS`
  const owner = await findAddressOwner(tx, nsAddress)
  if (owner) throw new LunaError('conflict', `${formatAddress(nsAddress)} is the address of ${owner}; ${advice}`)
  const dhcp = (await findCluster(tx))?.dhcp
  if (dhcp && inDhcpRange(dhcp, nsAddress))
    throw new LunaError(
      'conflict',
      `${formatAddress(nsAddress)} is in the DHCP range of network "${dhcp.network}"; ${advice}`,
    )
}

const taken = (name: string) =>
  new LunaError('conflict', `network "${name}" exists already; see: luna network show ${name}`)

async function checkOverlap(tx: Tx, network: { name: string; cidr: Cidr }): Promise<string[]> {
  const others = (await listNetworks(tx)).filter(other => other.name !== network.name)
  const text = formatCidr(network.cidr)
  const same = others.find(other => formatCidr(other.cidr) === text)
  if (same) throw new LunaError('conflict', `${text} is network "${same.name}" already`)
  return others
    .filter(other => overlaps(other.cidr, network.cidr))
    .map(
      other => `${text} overlaps network "${other.name}" (${formatCidr(other.cidr)}); their addresses are given once`,
    )
}

export const showNetwork = ({ store }: Pick<Luna, 'store'>, name: string) =>
  store.read(async tx => {
    const network = await getNetwork(tx, name)
    return { network, reserved: await listReserved(tx, network.id), kept: await listKept(tx, network) }
  })

export const listAllNetworks = ({ store }: Pick<Luna, 'store'>): Promise<Network[]> => store.read(listNetworks)

export interface NetworkChange {
  cidr?: Cidr
  nsHostname?: string
  nsAddress?: Address
  reserve?: Address[]
  release?: Address[]
  include?: string
  revInclude?: string
  comment?: string
}

export async function changeNetwork(
  { store }: Pick<Luna, 'store'>,
  name: string,
  { reserve = [], release = [], ...change }: NetworkChange,
): Promise<string[]> {
  return store.write(async tx => {
    const present = await getNetwork(tx, name)
    const network = { ...present, ...moveNameServer(present, change), ...change }
    const warnings = change.cidr ? await checkResize(tx, present, network) : []
    if (change.nsAddress || change.cidr) await checkNameServer(tx, network)
    for (const address of release) checkHostAddress(network, address)
    for (const address of reserve) {
      checkHostAddress(network, address)
      const owner = await findAddressOwner(tx, address)
      if (owner) throw new LunaError('conflict', `${formatAddress(address)} is the address of ${owner}`)
    }
    await updateNetwork(tx, network)
    for (const address of reserve) await insertReserved(tx, network.id, address)
    for (const address of release) await deleteReserved(tx, network.id, address)
    return warnings
  })
}

/** A name server at its default place stays there when the network changes. */
function moveNameServer({ cidr, nsAddress }: Network, change: NetworkChange): { nsAddress?: Address } {
  return change.cidr && sameAddress(nsAddress, defaultNsAddress(cidr))
    ? { nsAddress: defaultNsAddress(change.cidr) }
    : {}
}

/** Whatever has an address in the network must be in it still. */
async function checkResize(tx: Tx, present: Network, network: Network): Promise<string[]> {
  const { name, cidr } = network
  if (cidr.version !== present.cidr.version)
    throw new LunaError(
      'invalid',
      `network "${name}" is IPv${present.cidr.version}; add another for IPv${cidr.version}`,
    )
  const held = (await listOwners(tx, network.id)).map(one => ({ ...one, owner: `${one.kind} "${one.name}"` }))
  const reserved = (await listReserved(tx, network.id)).map(({ first }) => ({
    address: first,
    owner: 'a reserved address',
  }))
  for (const { address, owner } of [...held, ...reserved, ...listDhcpUsers(await findCluster(tx), present)])
    if (!isHostOf(cidr, address))
      throw new LunaError(
        'inUse',
        `${formatAddress(address)} (${owner}) would not be in ${formatCidr(cidr)}; nothing was changed`,
      )
  return checkOverlap(tx, network)
}

/** The DHCP range, and the heads that answer there, when DHCP is of this network. */
function listDhcpUsers(cluster: Cluster | undefined, { name, cidr }: Network): { address: Address; owner: string }[] {
  if (cluster?.dhcp?.network !== name) return []
  const { dhcp, frontendAddress, clusterIps, nativeDhcpHa } = cluster
  const heads = [...(frontendAddress ? [frontendAddress] : []), ...(nativeDhcpHa ? clusterIps : [])]
  return [
    ...[dhcp.first, dhcp.last].map(address => ({ address, owner: 'the DHCP range' })),
    ...heads
      .filter(address => contains(cidr, address))
      .map(address => ({ address, owner: 'the head, which answers DHCP there' })),
  ]
}

export async function renameNetwork({ store }: Pick<Luna, 'store'>, name: string, newName: string): Promise<void> {
  await store.write(async tx => {
    const network = await getNetwork(tx, name)
    if (name !== newName && (await findNetwork(tx, newName))) throw taken(newName)
    await updateNetwork(tx, { ...network, name: newName })
  })
}

export async function removeNetwork({ store }: Pick<Luna, 'store'>, name: string): Promise<void> {
  await store.write(async tx => {
    const network = await getNetwork(tx, name)
    const users = await usersOf(tx, network)
    if (users.length > 0) throw new LunaError('inUse', `network "${name}" is used by ${users.join(', ')}`)
    await deleteNetwork(tx, network.id)
  })
}

async function usersOf(tx: Tx, { id, name }: Network): Promise<string[]> {
  const groups = (await listGroups(tx))
    .filter(group => group.domain === name || group.interfaces.some(one => Object.values(one.networks).includes(name)))
    .map(group => `group "${group.name}"`)
  const owners = Map.groupBy(await listOwners(tx, id), owner => owner.kind)
  const hosts = [...owners].map(([kind, ofKind]) => nameHosts(kind, [...new Set(ofKind.map(one => one.name))]))
  const dhcp = (await findCluster(tx))?.dhcp?.network === name ? ['the DHCP range of the cluster'] : []
  return [...groups, ...hosts, ...dhcp]
}
