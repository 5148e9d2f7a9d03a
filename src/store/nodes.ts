import { fromHex } from '../domain/address.ts'
import type { HostName } from '../domain/dns-names.ts'
import { nameNodes } from '../domain/hostlist.ts'
import type { Mac } from '../domain/mac.ts'
import type { Node, NodeAddress } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import { chunksOf, rowsInStatement } from './chunks.ts'
import type { Tx } from './store.ts'

export interface NodeFilter {
  names?: readonly string[]
  group?: string
  macs?: readonly Mac[]
}

/** Nodes in the order of their names. */
export async function listNodes(tx: Tx, filter: NodeFilter = {}): Promise<Node[]> {
  let query = tx
    .selectFrom('node')
    .innerJoin('nodeGroup', 'nodeGroup.id', 'node.groupId')
    .leftJoin('switch', 'switch.id', 'node.switchId')
    .selectAll('node')
    .select(['nodeGroup.name as group', 'switch.name as switch'])
    .orderBy('node.name')
  if (filter.group !== undefined) query = query.where('nodeGroup.name', '=', filter.group)
  if (filter.macs !== undefined) query = query.where('node.mac', 'in', filter.macs)
  const { names } = filter
  if (names && names.length <= rowsInStatement) query = query.where('node.name', 'in', names)
  const only = names && new Set(names) // of more, all nodes are read
  const rows = (await query.execute()).filter(row => only?.has(row.name) ?? true)
  const addresses = await listAddresses(
    tx,
    rows.map(row => row.id),
  )
  return rows.map(({ groupId: _, switchId: __, packId, mac, localboot, setupbmc, service, ...row }) => ({
    ...row,
    mac: (mac ?? undefined) as Mac | undefined,
    localboot: localboot === 1,
    setupbmc: setupbmc === 1,
    service: service === 1,
    switch: row.switch ?? undefined,
    port: row.port ?? undefined,
    generation: packId ?? undefined,
    addresses: addresses.get(row.id) ?? [],
  }))
}

/** Addresses by their node's id: those of these nodes at least. */
async function listAddresses(tx: Tx, nodeIds: readonly number[]): Promise<Map<number, NodeAddress[]>> {
  if (nodeIds.length === 0) return new Map()
  const query = tx
    .selectFrom('address')
    .innerJoin('groupInterface', 'groupInterface.id', 'address.interfaceId')
    .innerJoin('network', 'network.id', 'address.networkId')
    .select(['address.nodeId', 'address.address', 'groupInterface.name as interface', 'network.name as network'])
    .orderBy('address.interfaceId')
    .orderBy('address.address')
    .$narrowType<{ nodeId: number }>()
  const few = nodeIds.length <= rowsInStatement
  const rows = await (few ? query.where('address.nodeId', 'in', nodeIds) : query).execute()
  const byNode = new Map<number, NodeAddress[]>()
  for (const { nodeId, address, ...where } of rows) {
    const held = { ...where, address: fromHex(address) }
    const others = byNode.get(nodeId)
    if (others) others.push(held)
    else byNode.set(nodeId, [held])
  }
  return byNode
}

export async function findNode(tx: Tx, name: string): Promise<Node | undefined> {
  return (await listNodes(tx, { names: [name] }))[0]
}

export async function getNode(tx: Tx, name: string): Promise<Node> {
  return (await getNodes(tx, [name]))[0]!
}

/** All of them, in the order of the names given. */
export async function getNodes(tx: Tx, names: readonly string[]): Promise<Node[]> {
  const nodes = new Map((await listNodes(tx, { names })).map(node => [node.name, node]))
  const missing = names.filter(name => !nodes.has(name))
  if (missing.length > 0)
    throw new LunaError(
      'notFound',
      `there ${missing.length === 1 ? 'is' : 'are'} no ${nameNodes(missing)}; see: luna node list`,
    )
  return names.map(name => nodes.get(name)!)
}

/** How many nodes there are, or of them in groups with that osimage. */
export async function countNodes(tx: Tx, osimageId?: number): Promise<number> {
  const query = tx
    .selectFrom('node')
    .innerJoin('nodeGroup', 'nodeGroup.id', 'node.groupId')
    .select(({ fn }) => fn.countAll().as('count'))
  const counted = osimageId === undefined ? query : query.where('nodeGroup.osimageId', '=', osimageId)
  return Number((await counted.executeTakeFirstOrThrow()).count)
}

/** The MAC of every node, by its name. */
export async function listMacsByNode(tx: Tx): Promise<Map<string, Mac | undefined>> {
  const rows = await tx.selectFrom('node').select(['name', 'mac']).execute()
  return new Map(rows.map(({ name, mac }) => [name, (mac ?? undefined) as Mac | undefined]))
}

/** What the nodes of groups with a domain call themselves. */
export async function listHostNames(tx: Tx): Promise<HostName[]> {
  return tx
    .selectFrom('node')
    .innerJoin('nodeGroup', 'nodeGroup.id', 'node.groupId')
    .innerJoin('network', 'network.id', 'nodeGroup.domainId')
    .select(['node.name', 'network.name as domain'])
    .execute()
}

/** Stores nodes as new ones are: no MAC, BMC to be set up, booting by the network. Returns their ids, in the order of the names. */
export async function insertNodes(tx: Tx, names: readonly string[], groupId: number): Promise<number[]> {
  const values = { groupId, mac: null, localboot: 0, setupbmc: 1, service: 0, comment: '' }
  const ids = new Map<string, number>()
  for (const chunk of chunksOf(names)) {
    const query = tx.insertInto('node').values(chunk.map(name => ({ ...values, name })))
    for (const { id, name } of await query.returning(['id', 'name']).execute()) ids.set(name, id)
  }
  return names.map(name => ids.get(name)!)
}

/** What a node itself holds; its group, its port and its addresses have functions of their own. */
export type NodeValues = Pick<Node, 'name' | 'comment' | 'mac' | 'localboot' | 'setupbmc' | 'service'>

export const updateNode = (tx: Tx, node: NodeValues & Pick<Node, 'id'>): Promise<void> =>
  updateNodes(tx, [node.id], { ...node, mac: node.mac ?? null })

/** Gives all of them the same values; what is not said stays. */
export async function updateNodes(
  tx: Tx,
  ids: readonly number[],
  { name, comment, mac, localboot, setupbmc, service }: Partial<Omit<NodeValues, 'mac'> & { mac: Mac | null }>,
): Promise<void> {
  const flags = { localboot, setupbmc, service }
  const said = Object.entries({ name, comment, mac, ...flags }).filter(([, value]) => value !== undefined)
  if (said.length === 0) return
  const values = Object.fromEntries(
    said.map(([key, value]) => [key, typeof value === 'boolean' ? Number(value) : value]),
  )
  for (const chunk of chunksOf(ids)) await tx.updateTable('node').set(values).where('id', 'in', chunk).execute()
}

export async function setNodesGroup(tx: Tx, ids: readonly number[], groupId: number): Promise<void> {
  for (const chunk of chunksOf(ids)) await tx.updateTable('node').set({ groupId }).where('id', 'in', chunk).execute()
}

/** Gives nodes a generation of their own; null: that of their group. */
export async function pinNodes(tx: Tx, ids: readonly number[], packId: number | null): Promise<void> {
  for (const chunk of chunksOf(ids)) await tx.updateTable('node').set({ packId }).where('id', 'in', chunk).execute()
}

/** Takes the generation from those that have it as their own. */
export async function unpinNodes(tx: Tx, packId: number): Promise<void> {
  await tx.updateTable('node').set({ packId: null }).where('packId', '=', packId).execute()
}

/** Names of the nodes that have a generation of their own, by its number. */
export async function listPinnedNodes(tx: Tx): Promise<Map<number, string[]>> {
  const rows = await tx.selectFrom('node').select(['name', 'packId']).where('packId', 'is not', null).execute()
  const byPack = Map.groupBy(rows, row => row.packId!)
  return new Map([...byPack].map(([packId, nodes]) => [packId, nodes.map(({ name }) => name).sort()]))
}

/** Where nodes are plugged in; null erases, what is not said stays. */
export async function setNodesPort(
  tx: Tx,
  ids: readonly number[],
  { switchId, port }: { switchId: number | null | undefined; port: string | null | undefined },
): Promise<void> {
  const values = { ...(switchId !== undefined && { switchId }), ...(port !== undefined && { port }) }
  for (const chunk of chunksOf(ids)) await tx.updateTable('node').set(values).where('id', 'in', chunk).execute()
}

/** Nodes that are configured at a port of a switch: of this one, or of any. */
export async function listNodesAtSwitch(
  tx: Tx,
  switchId?: number,
): Promise<{ id: number; name: string; switchId: number; port: string; mac: Mac | undefined }[]> {
  let query = tx
    .selectFrom('node')
    .select(['id', 'name', 'switchId', 'port', 'mac'])
    .where('port', 'is not', null)
    .where('switchId', 'is not', null)
    .orderBy('id')
    .$narrowType<{ switchId: number; port: string }>()
  if (switchId !== undefined) query = query.where('switchId', '=', switchId)
  return (await query.execute()).map(row => ({ ...row, mac: (row.mac ?? undefined) as Mac | undefined }))
}

export async function deleteNodes(tx: Tx, ids: readonly number[]): Promise<void> {
  for (const chunk of chunksOf(ids)) await tx.deleteFrom('node').where('id', 'in', chunk).execute()
}
