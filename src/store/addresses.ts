import { type Address, fromHex, toHex } from '../domain/address.ts'
import type { HeldAddress } from '../domain/dns-names.ts'
import { chunksOf } from './chunks.ts'
import { type HostKind, hostKinds } from './host-names.ts'
import type { Tx } from './store.ts'

/** Who has an address: a node on one of its group's interfaces, a switch, or another device. */
export type AddressOwner = { nodeId: number; interfaceId: number } | { switchId: number } | { otherdevId: number }

export type NewAddress = AddressOwner & { networkId: number; address: Address }

export const insertAddress = (tx: Tx, one: NewAddress): Promise<void> => insertAddresses(tx, [one])

export async function insertAddresses(tx: Tx, all: readonly NewAddress[]): Promise<void> {
  for (const chunk of chunksOf(all))
    await tx
      .insertInto('address')
      .values(chunk.map(({ address, ...rest }) => ({ ...rest, address: toHex(address) })))
      .execute()
}

export interface AddressFilter {
  nodeId?: number
  interfaceId?: number
  switchId?: number
  otherdevId?: number
  networkId?: number
}

/** Frees the addresses that fit all that is said: of one node, of one interface, of one otherdev in one network ... */
export async function deleteAddresses(tx: Tx, where: AddressFilter): Promise<void> {
  let query = tx.deleteFrom('address')
  for (const column of ['nodeId', 'interfaceId', 'switchId', 'otherdevId', 'networkId'] as const)
    if (where[column] !== undefined) query = query.where(column, '=', where[column])
  await query.execute()
}

/** Frees all addresses of these nodes. */
export async function deleteAddressesOfNodes(tx: Tx, nodeIds: readonly number[]): Promise<void> {
  for (const chunk of chunksOf(nodeIds)) await tx.deleteFrom('address').where('nodeId', 'in', chunk).execute()
}

/** Whoever has an address in the network, in the order of the addresses; a node may be there several times. */
export async function listOwners(
  tx: Tx,
  networkId: number,
): Promise<{ kind: HostKind; name: string; address: Address }[]> {
  const rows = await selectOwners(tx)
    .select('address.address')
    .where('networkId', '=', networkId)
    .orderBy('address')
    .execute()
  return rows.map(({ address, ...row }) => ({ ...ownerOf(row), address: fromHex(address) }))
}

const selectOwners = (tx: Tx) =>
  tx
    .selectFrom('address')
    .leftJoin('node', 'node.id', 'address.nodeId')
    .leftJoin('switch', 'switch.id', 'address.switchId')
    .leftJoin('otherdev', 'otherdev.id', 'address.otherdevId')
    .select(['node.name as node', 'switch.name as switch', 'otherdev.name as otherdev'])

function ownerOf(row: Record<HostKind, string | null>): { kind: HostKind; name: string } {
  const kind = hostKinds.find(one => row[one] !== null)!
  return { kind, name: row[kind]! }
}

/** Who has the address, as messages say it: `node "node001"`; undefined when nobody has. */
export async function findAddressOwner(tx: Tx, address: Address): Promise<string | undefined> {
  const row = await selectOwners(tx).where('address.address', '=', toHex(address)).executeTakeFirst()
  if (!row) return undefined
  const { kind, name } = ownerOf(row)
  return `${kind} "${name}"`
}

/** Name of whoever has the address. */
export async function findNameOfAddress(tx: Tx, address: Address): Promise<string | undefined> {
  const row = await selectOwners(tx).where('address.address', '=', toHex(address)).executeTakeFirst()
  return row && ownerOf(row).name
}

/** Every address with its owner, in the order of names, interfaces and addresses. */
export async function listHeldAddresses(tx: Tx): Promise<HeldAddress[]> {
  const rows = await selectOwners(tx)
    .innerJoin('network', 'network.id', 'address.networkId')
    .leftJoin('groupInterface', 'groupInterface.id', 'address.interfaceId')
    .select(['network.name as network', 'groupInterface.name as interface', 'address.address'])
    .orderBy('address.interfaceId')
    .orderBy('address.address')
    .execute()
  return rows
    .map(row => ({
      name: ownerOf(row).name,
      interface: row.interface ?? undefined,
      network: row.network,
      address: fromHex(row.address),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
}
