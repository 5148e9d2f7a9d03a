import type { IpVersion } from '../domain/address.ts'
import { bmcInterface, findInterface, type Group, type GroupInterface, getInterface } from '../domain/group.ts'
import type { Network } from '../domain/network.ts'
import { LunaError } from '../errors.ts'
import { deleteAddresses } from '../store/addresses.ts'
import { deleteInterface, getGroup, insertInterface, updateGroup, updateInterface } from '../store/groups.ts'
import { getNetwork } from '../store/networks.ts'
import { listNodes } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { carryAddresses } from './addresses.ts'

/** What is to be done with one interface of a group. */
export type InterfaceChange = { name: string } & (
  | { verb: 'add' }
  | { verb: 'delete' }
  | { verb: 'setnet'; network: string }
  /** Without a network: out of all. */
  | { verb: 'delnet'; network: string | undefined }
  | { verb: 'rename'; newName: string }
  | { verb: 'edit'; params: string }
)

export async function changeInterface(tx: Tx, group: Group, change: InterfaceChange): Promise<void> {
  const { name } = change
  if (change.verb === 'add') return add(tx, group, name)
  if (change.verb === 'setnet') return setNetwork(tx, group, name, await getNetwork(tx, change.network))
  const one = getInterface(group, name)
  if (change.verb === 'delete') return remove(tx, group, one)
  if (change.verb === 'rename') return rename(tx, group, one, change.newName)
  if (change.verb === 'edit') return updateInterface(tx, one.id, { params: change.params })
  return unsetNetwork(tx, one, change.network)
}

/** One that is there already is left as it is. */
async function add(tx: Tx, group: Group, name: string): Promise<void> {
  if (findInterface(group, name)) return
  await insertInterface(tx, group.id, { name, params: '', networkId: null, network6Id: null })
}

/** IPMI's LAN parameters as Luna sets them are IPv4's. */
export function checkBmcNetwork(interfaceName: string, { name, cidr }: Network): void {
  if (interfaceName === bmcInterface && cidr.version === 6)
    throw new LunaError('invalid', `network "${name}" is IPv6; the BMC interface takes an IPv4 network only`)
}

/** Puts the interface into the network, in place of the one it was in; the group's nodes get addresses there, or keep those that fit. */
async function setNetwork(tx: Tx, group: Group, name: string, network: Network): Promise<void> {
  checkBmcNetwork(name, network)
  const { version } = network.cidr
  const one = await ensureInterface(tx, group, name)
  const left = one.networks[version]
  if (left === network.name) return
  const nodes = await listNodes(tx, { group: group.name })
  await dropNetwork(tx, one, version)
  await updateInterface(tx, one.id, version === 4 ? { networkId: network.id } : { network6Id: network.id })
  await carryAddresses(tx, nodes, one, left, network)
}

/** `--bmcnetwork --setnet` makes the BMC interface when it is missing; others must be added first. */
async function ensureInterface(tx: Tx, group: Group, name: string): Promise<GroupInterface> {
  if (name !== bmcInterface || findInterface(group, name)) return getInterface(group, name)
  await add(tx, group, name)
  return getInterface(await getGroup(tx, group.name), name)
}

async function unsetNetwork(tx: Tx, one: GroupInterface, networkName: string | undefined): Promise<void> {
  if (networkName !== undefined) await getNetwork(tx, networkName)
  for (const version of [4, 6] as const)
    if (networkName === undefined || one.networks[version] === networkName) await dropNetwork(tx, one, version)
}

/** Takes the interface out of its network of that version; its nodes' addresses there are freed. */
async function dropNetwork(tx: Tx, one: GroupInterface, version: IpVersion): Promise<void> {
  const name = one.networks[version]
  if (name === undefined) return
  await deleteAddresses(tx, { interfaceId: one.id, networkId: (await getNetwork(tx, name)).id })
  await updateInterface(tx, one.id, version === 4 ? { networkId: null } : { network6Id: null })
}

async function rename(tx: Tx, group: Group, one: GroupInterface, newName: string): Promise<void> {
  if (one.name !== newName && findInterface(group, newName))
    throw new LunaError('conflict', `group "${group.name}" has an interface "${newName}" already`)
  const network6 = one.networks[6]
  if (network6 !== undefined) checkBmcNetwork(newName, await getNetwork(tx, network6))
  await updateInterface(tx, one.id, { name: newName })
  const renamed = (used: string | undefined) => (used === one.name ? newName : used)
  await updateGroup(tx, { ...group, torrentIf: renamed(group.torrentIf), bootIf: renamed(group.bootIf) })
}

async function remove(tx: Tx, group: Group, one: GroupInterface): Promise<void> {
  for (const [option, used] of [
    ['torrent_if', group.torrentIf],
    ['boot_if', group.bootIf],
  ] as const)
    if (used === one.name)
      throw new LunaError('inUse', `interface ${one.name} is the ${option} of group "${group.name}"`)
  await deleteAddresses(tx, { interfaceId: one.id })
  await deleteInterface(tx, one.id)
}
