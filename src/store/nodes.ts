import { fromHex } from '../domain/address.ts'
import { nameNodes } from '../domain/hostlist.ts'
import type { Mac } from '../domain/mac.ts'
import type { Node, NodeAddress } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import type { Tx } from './store.ts'

export interface NodeFilter {
  names?: readonly string[]
  group?: string
  macs?: readonly Mac[]
}

/** Databases bound the number of a query's parameters; above this all nodes are read. */
const mostNamesInQuery = 500

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
  if (names && names.length <= mostNamesInQuery) query = query.where('node.name', 'in', names)
  const only = names && new Set(names)
  const rows = (await query.execute()).filter(row => only?.has(row.name) ?? true)
  const addresses = await listAddresses(tx, rows.length === 1 ? rows[0]!.id : undefined)
  return rows.map(({ groupId: _, switchId: __, mac, localboot, setupbmc, service, ...row }) => ({
    ...row,
    mac: (mac ?? undefined) as Mac | undefined,
    localboot: localboot === 1,
    setupbmc: setupbmc === 1,
    service: service === 1,
    switch: row.switch ?? undefined,
    port: row.port ?? undefined,
    addresses: addresses.get(row.id) ?? [],
  }))
}

async function listAddresses(tx: Tx, nodeId?: number): Promise<Map<number, NodeAddress[]>> {
  const query = tx
    .selectFrom('address')
    .innerJoin('groupInterface', 'groupInterface.id', 'address.interfaceId')
    .innerJoin('network', 'network.id', 'address.networkId')
    .select(['address.nodeId', 'address.address', 'groupInterface.name as interface', 'network.name as network'])
    .orderBy('address.interfaceId')
    .orderBy('address.address')
    .$narrowType<{ nodeId: number }>()
  const rows = await (nodeId === undefined ? query : query.where('address.nodeId', '=', nodeId)).execute()
  const byNode = new Map<number, NodeAddress[]>()
  for (const { nodeId: owner, address, ...where } of rows)
    byNode.set(owner, [...(byNode.get(owner) ?? []), { ...where, address: fromHex(address) }])
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

export async function listNodeNames(tx: Tx): Promise<Set<string>> {
  return new Set((await tx.selectFrom('node').select('name').execute()).map(row => row.name))
}

/** The MAC of every node, by its name. */
export async function listMacsByNode(tx: Tx): Promise<Map<string, Mac | undefined>> {
  const rows = await tx.selectFrom('node').select(['name', 'mac']).execute()
  return new Map(rows.map(({ name, mac }) => [name, (mac ?? undefined) as Mac | undefined]))
}

export interface NewNode {
  name: string
  groupId: number
}

/** Stores a node as new ones are: no MAC, BMC to be set up, booting by the network. Returns its id. */
export async function insertNode(tx: Tx, node: NewNode): Promise<number> {
  const values = { ...node, mac: null, localboot: 0, setupbmc: 1, service: 0, comment: '' }
  return (await tx.insertInto('node').values(values).returning('id').executeTakeFirstOrThrow()).id
}

/** Stores what a node itself holds; its group, its port and its addresses have functions of their own. */
export async function updateNode(tx: Tx, node: Omit<Node, 'addresses' | 'group' | 'switch' | 'port'>): Promise<void> {
  const { id, name, comment, mac, localboot, setupbmc, service } = node
  await tx
    .updateTable('node')
    .set({
      name,
      comment,
      mac: mac ?? null,
      localboot: Number(localboot),
      setupbmc: Number(setupbmc),
      service: Number(service),
    })
    .where('id', '=', id)
    .execute()
}

export async function setNodeGroup(tx: Tx, nodeId: number, groupId: number): Promise<void> {
  await tx.updateTable('node').set({ groupId }).where('id', '=', nodeId).execute()
}

export async function setNodePort(
  tx: Tx,
  nodeId: number,
  switchId: number | undefined,
  port: string | undefined,
): Promise<void> {
  const values = { switchId: switchId ?? null, port: port ?? null }
  await tx.updateTable('node').set(values).where('id', '=', nodeId).execute()
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

export async function deleteNode(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('node').where('id', '=', id).execute()
}
