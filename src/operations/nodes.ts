import type { Address } from '../domain/address.ts'
import { nextNodeName } from '../domain/cluster.ts'
import { type Group, type GroupInterface, getInterface } from '../domain/group.ts'
import type { Mac } from '../domain/mac.ts'
import type { Network } from '../domain/network.ts'
import type { InstallEvent, Node, NodeAddress } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { deleteAddressesOfNodes, insertAddresses, type NewAddress } from '../store/addresses.ts'
import { listBootEvents, listLatestEvents } from '../store/boots.ts'
import { getCluster } from '../store/clusters.ts'
import { getGroup, listGroups } from '../store/groups.ts'
import { listHostNames } from '../store/host-names.ts'
import { forgetMachinesWith } from '../store/machines.ts'
import { getNetwork } from '../store/networks.ts'
import {
  deleteNodes,
  getNode,
  getNodes,
  insertNodes,
  listNodes,
  pinNodes,
  setNodesGroup,
  updateNode,
  updateNodes,
} from '../store/nodes.ts'
import { getOsimage, listOsimages } from '../store/osimages.ts'
import type { Tx } from '../store/store.ts'
import { giveAddresses, giveAllAddresses, setAddress } from './addresses.ts'
import { getGeneration } from './generations.ts'
import { checkNameFree, checkNamesFree } from './names.ts'
import { changePorts, type PortChange } from './node-ports.ts'

export interface NewNodes {
  /** Without them, one with the next free name. */
  names: readonly string[] | undefined
  group: string
}

/** Adds nodes, each with an address on every interface. Returns their names. */
export const addNodes = ({ store }: Pick<Luna, 'store'>, input: NewNodes): Promise<string[]> =>
  store.write(tx => addNodesIn(tx, input))

export async function addNodesIn(tx: Tx, input: NewNodes): Promise<string[]> {
  const group = await getGroup(tx, input.group)
  const taken = await listHostNames(tx)
  const names = [...(input.names ?? [nextNodeName(await getCluster(tx), taken)])]
  checkNamesFree(taken, names)
  const ids = await insertNodes(tx, names, group.id)
  const owners = names.map((name, index) => ({ id: ids[index]!, name }))
  await giveAllAddresses(tx, owners, group)
  return names
}

/** A node with the latest that is known of its boot. */
export interface NodeWithStatus {
  node: Node
  status: InstallEvent | undefined
  generation: NodeGeneration
}

export interface NodeGeneration {
  /** What it gets at its next boot; undefined when the osimage is not packed. */
  next: number | undefined
  /** That is the one that a few nodes try. */
  isCanary: boolean
  /** What its last boot began with, as long as that is there. */
  booted: number | undefined
}

export const listNodesWithStatus = (
  { store }: Pick<Luna, 'store'>,
  filter: { names?: readonly string[]; group?: string },
): Promise<NodeWithStatus[]> =>
  store.read(async tx => {
    if (filter.group !== undefined) await getGroup(tx, filter.group)
    const nodes = filter.names ? await getNodes(tx, filter.names) : await listNodes(tx, filter)
    const latest = await listLatestEvents(tx, idsOf(nodes))
    const groups = new Map((await listGroups(tx)).map(group => [group.name, group]))
    const osimages = new Map((await listOsimages(tx)).map(osimage => [osimage.name, osimage]))
    return nodes.map(node => {
      const group = groups.get(node.group)!
      const { packId, canaryId } = osimages.get(group.osimage)!
      const status = latest.get(node.id)
      const next = node.generation ?? group.generation ?? packId
      const isCanary = next !== undefined && next === canaryId
      return { node, status, generation: { next, isCanary, booted: status?.generation } }
    })
  })

const idsOf = (nodes: readonly Node[]): number[] => nodes.map(node => node.id)

export const listEvents = ({ store }: Pick<Luna, 'store'>, nodeId: number): Promise<InstallEvent[]> =>
  store.read(tx => listBootEvents(tx, nodeId))

export interface NodeChange extends PortChange {
  group?: string
  /** Interface and the node's new address there. */
  address?: { interface: string; address: Address }
  /** null erases it. */
  mac?: Mac | null
  localboot?: boolean
  setupbmc?: boolean
  service?: boolean
  /** Of the osimage of their group; null: what the group gets. */
  generation?: number | null
  comment?: string
}

export async function changeNodes(
  { store }: Pick<Luna, 'store'>,
  names: readonly string[],
  change: NodeChange,
): Promise<void> {
  if (names.length > 1 && (change.address || change.mac))
    throw new LunaError('usage', 'one address or MAC cannot be given to several nodes')
  if (names.length > 1 && change.port) throw new LunaError('usage', 'one port cannot be given to several nodes')
  const { group: groupName, address, mac, switch: switchName, port, generation, ...plain } = change
  await store.write(async tx => {
    const nodes = await getNodes(tx, names)
    if (mac) {
      await checkMacFree(tx, mac, nodes[0]!)
      await forgetMachinesWith(tx, [mac])
    }
    await updateNodes(tx, idsOf(nodes), { ...plain, mac })
    await changePorts(tx, nodes, { switch: switchName, port })
    if (groupName !== undefined) await moveToGroup(tx, nodes, await getGroup(tx, groupName))
    if (generation !== undefined) await changeGeneration(tx, names, generation)
    if (address) await changeAddress(tx, await getNode(tx, names[0]!), address)
  })
}

/** Their groups may have been changed just before. */
async function changeGeneration(tx: Tx, names: readonly string[], generation: number | null): Promise<void> {
  const nodes = await getNodes(tx, names)
  if (generation !== null)
    for (const name of new Set(nodes.map(node => node.group)))
      await getGeneration(tx, await getOsimage(tx, (await getGroup(tx, name)).osimage), generation)
  await pinNodes(tx, idsOf(nodes), generation)
}

async function changeAddress(tx: Tx, node: Node, to: NonNullable<NodeChange['address']>): Promise<void> {
  await setAddress(tx, node, getInterface(await getGroup(tx, node.group), to.interface), to.address)
}

async function checkMacFree(tx: Tx, mac: Mac, node: Node): Promise<void> {
  const [owner] = await listNodes(tx, { macs: [mac] })
  if (owner && owner.id !== node.id)
    throw new LunaError(
      'conflict',
      `${mac} is the MAC of node "${owner.name}"; to free it: luna node change ${owner.name} --mac ''`,
    )
}

/** An interface of a group in one of its networks, and who has no address there yet. */
interface Place {
  one: GroupInterface
  network: Network
  without: Node[]
}

async function moveToGroup(tx: Tx, nodes: readonly Node[], group: Group): Promise<void> {
  const places: Place[] = []
  for (const one of group.interfaces)
    for (const name of Object.values(one.networks))
      if (name !== undefined) places.push({ one, network: await getNetwork(tx, name), without: [] })
  const movers = nodes.filter(node => node.group !== group.name)
  await deleteAddressesOfNodes(tx, idsOf(movers))
  await setNodesGroup(tx, idsOf(movers), group.id)
  await leaveGenerations(tx, movers, group)
  await insertAddresses(
    tx,
    movers.flatMap(node => keepAddresses(node, places)),
  )
  for (const { one, network, without } of places) await giveAddresses(tx, without, one, network)
}

/** A generation of another osimage is none to boot with there. */
async function leaveGenerations(tx: Tx, movers: readonly Node[], { osimage }: Group): Promise<void> {
  const same = new Set((await listGroups(tx)).filter(group => group.osimage === osimage).map(group => group.name))
  await pinNodes(tx, idsOf(movers.filter(node => !same.has(node.group))), null)
}

/** Addresses that still fit go along: to the interface of the same name in the same network, else to one in the same network. */
function keepAddresses(node: Node, places: readonly Place[]): NewAddress[] {
  const left = [...node.addresses]
  const claim = (fits: (held: NodeAddress) => boolean): Address | undefined => {
    const index = left.findIndex(fits)
    return index < 0 ? undefined : left.splice(index, 1)[0]!.address
  }
  const kept = places.map(({ one, network }) =>
    claim(held => held.network === network.name && held.interface === one.name),
  )
  return places.flatMap(({ one, network, without }, index) => {
    const address = kept[index] ?? claim(held => held.network === network.name)
    if (address) return [{ nodeId: node.id, interfaceId: one.id, networkId: network.id, address }]
    without.push(node)
    return []
  })
}

export async function renameNode({ store }: Pick<Luna, 'store'>, name: string, newName: string): Promise<void> {
  await store.write(async tx => {
    const node = await getNode(tx, name)
    if (name !== newName) await checkNameFree(tx, newName)
    await updateNode(tx, { ...node, name: newName })
  })
}

export async function removeNodes({ store }: Pick<Luna, 'store'>, names: readonly string[]): Promise<void> {
  await store.write(async tx => {
    await deleteNodes(tx, idsOf(await getNodes(tx, names)))
  })
}
