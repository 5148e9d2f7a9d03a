import { type Address, formatAddress } from '../domain/address.ts'
import { nextNodeName } from '../domain/cluster.ts'
import { type Group, getInterface } from '../domain/group.ts'
import type { Mac } from '../domain/mac.ts'
import type { InstallEvent, Node } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { listBootEvents, listLatestEvents } from '../store/boots.ts'
import { getCluster } from '../store/clusters.ts'
import { getGroup } from '../store/groups.ts'
import { getNetwork } from '../store/networks.ts'
import {
  deleteAddresses,
  deleteNode,
  findNode,
  getNode,
  insertAddress,
  insertNode,
  listNodeNames,
  listNodes,
  setNodeGroup,
  updateNode,
} from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { giveAddresses, giveAllAddresses, setAddress } from './addresses.ts'

/** Adds nodes, or one with the next free name when none is given, each with an address on every interface. Returns their names. */
export async function addNodes(
  { store }: Pick<Luna, 'store'>,
  input: { names: readonly string[] | undefined; group: string },
): Promise<string[]> {
  return store.write(async tx => {
    const group = await getGroup(tx, input.group)
    const taken = await listNodeNames(tx)
    const names = [...(input.names ?? [nextNodeName(await getCluster(tx), taken)])]
    const double = names.filter(name => taken.has(name))
    if (double.length > 0)
      throw new LunaError('conflict', `node "${double.join('", "')}" exists already; no node was added`)
    const owners: { id: number; name: string }[] = []
    for (const name of names) owners.push({ id: await insertNode(tx, { name, groupId: group.id }), name })
    await giveAllAddresses(tx, owners, group)
    return names
  })
}

/** A node with the latest that is known of its boot. */
export interface NodeWithStatus {
  node: Node
  status: InstallEvent | undefined
}

export const listNodesWithStatus = (
  { store }: Pick<Luna, 'store'>,
  filter: { names?: readonly string[]; group?: string },
): Promise<NodeWithStatus[]> =>
  store.read(async tx => {
    if (filter.group !== undefined) await getGroup(tx, filter.group)
    for (const name of filter.names ?? []) await getNodeExists(tx, name)
    const latest = await listLatestEvents(tx)
    return (await listNodes(tx, filter)).map(node => ({ node, status: latest.get(node.id) }))
  })

async function getNodeExists(tx: Tx, name: string): Promise<void> {
  if (!(await tx.selectFrom('node').select('id').where('name', '=', name).executeTakeFirst())) await getNode(tx, name)
}

export const listEvents = ({ store }: Pick<Luna, 'store'>, nodeId: number): Promise<InstallEvent[]> =>
  store.read(tx => listBootEvents(tx, nodeId))

export interface NodeChange {
  group?: string
  /** Interface and the node's new address there. */
  address?: { interface: string; address: Address }
  /** null erases it. */
  mac?: Mac | null
  localboot?: boolean
  setupbmc?: boolean
  service?: boolean
  comment?: string
}

export async function changeNodes(
  { store }: Pick<Luna, 'store'>,
  names: readonly string[],
  change: NodeChange,
): Promise<void> {
  if (names.length > 1 && (change.address || change.mac))
    throw new LunaError('usage', 'one address or MAC cannot be given to several nodes')
  await store.write(async tx => {
    for (const name of names) await changeNode(tx, await getNode(tx, name), change)
  })
}

async function changeNode(tx: Tx, node: Node, { group, address, mac, ...plain }: NodeChange): Promise<void> {
  if (mac) await checkMacFree(tx, mac, node)
  await updateNode(tx, { ...node, ...plain, mac: mac === null ? undefined : (mac ?? node.mac) })
  if (group !== undefined && group !== node.group) await moveToGroup(tx, node, await getGroup(tx, group))
  if (!address) return
  const present = await getNode(tx, node.name)
  await setAddress(tx, present, getInterface(await getGroup(tx, present.group), address.interface), address.address)
}

async function checkMacFree(tx: Tx, mac: Mac, node: Node): Promise<void> {
  const [owner] = await listNodes(tx, { macs: [mac] })
  if (owner && owner.id !== node.id)
    throw new LunaError(
      'conflict',
      `${mac} is the MAC of node "${owner.name}"; to free it: luna node change ${owner.name} --mac ''`,
    )
}

/** Addresses that still fit go along: to the interface of the same name in the same network, else to one in the same network. */
async function moveToGroup(tx: Tx, node: Node, group: Group): Promise<void> {
  await deleteAddresses(tx, { nodeId: node.id })
  await setNodeGroup(tx, node.id, group.id)
  const left = [...node.addresses]
  const places = group.interfaces.flatMap(one =>
    [one.networks[4], one.networks[6]].flatMap(network => (network === undefined ? [] : [{ one, network }])),
  )
  const claim = (fits: (held: Node['addresses'][number]) => boolean): Address | undefined => {
    const index = left.findIndex(fits)
    return index < 0 ? undefined : left.splice(index, 1)[0]!.address
  }
  const kept = places.map(({ one, network }) => claim(held => held.network === network && held.interface === one.name))
  for (const [index, { one, network: name }] of places.entries()) {
    const network = await getNetwork(tx, name)
    const address = kept[index] ?? claim(held => held.network === name)
    if (address) await insertAddress(tx, { nodeId: node.id, interfaceId: one.id, networkId: network.id, address })
    else await giveAddresses(tx, [node], one, network)
  }
}

export async function renameNode({ store }: Pick<Luna, 'store'>, name: string, newName: string): Promise<void> {
  await store.write(async tx => {
    const node = await getNode(tx, name)
    if (name !== newName && (await findNode(tx, newName)))
      throw new LunaError('conflict', `node "${newName}" exists already; see: luna node show ${newName}`)
    await updateNode(tx, { ...node, name: newName })
  })
}

export async function removeNodes({ store }: Pick<Luna, 'store'>, names: readonly string[]): Promise<void> {
  await store.write(async tx => {
    for (const name of names) await deleteNode(tx, (await getNode(tx, name)).id)
  })
}

/** `10.30.0.1/16`-like lines of a node's addresses, for people. */
export const addressLines = (node: Node): string[] =>
  node.addresses.map(held => `${held.interface} ${formatAddress(held.address)} (${held.network})`)
