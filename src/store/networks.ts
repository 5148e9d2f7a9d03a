import { type Address, fromHex, toHex } from '../domain/address.ts'
import type { Range } from '../domain/cidr.ts'
import { lastOf } from '../domain/cidr.ts'
import { type Network, rangeOf } from '../domain/network.ts'
import { LunaError } from '../errors.ts'
import type { Row } from './schema.ts'
import type { Tx } from './store.ts'

const toNetwork = (row: Row<'network'>): Network => {
  const { version, value } = fromHex(row.base)
  const { base: _, prefix, nsAddress, ...rest } = row
  return { ...rest, cidr: { version, base: value, prefix }, nsAddress: fromHex(nsAddress) }
}

const toRow = ({ cidr, nsAddress, ...rest }: Omit<Network, 'id'>) => ({
  ...rest,
  base: toHex({ version: cidr.version, value: cidr.base }),
  prefix: cidr.prefix,
  nsAddress: toHex(nsAddress),
})

export async function listNetworks(tx: Tx): Promise<Network[]> {
  return (await tx.selectFrom('network').selectAll().orderBy('name').execute()).map(toNetwork)
}

export async function findNetwork(tx: Tx, name: string): Promise<Network | undefined> {
  const row = await tx.selectFrom('network').selectAll().where('name', '=', name).executeTakeFirst()
  return row && toNetwork(row)
}

export async function getNetwork(tx: Tx, name: string): Promise<Network> {
  const network = await findNetwork(tx, name)
  if (network) return network
  throw new LunaError('notFound', `there is no network "${name}"; see: luna network list`)
}

export async function insertNetwork(tx: Tx, network: Omit<Network, 'id'>): Promise<void> {
  await tx.insertInto('network').values(toRow(network)).execute()
}

export async function updateNetwork(tx: Tx, { id, ...network }: Network): Promise<void> {
  await tx.updateTable('network').set(toRow(network)).where('id', '=', id).execute()
}

export async function deleteNetwork(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('network').where('id', '=', id).execute()
}

export async function listReserved(tx: Tx, networkId: number): Promise<{ first: Address; last: Address }[]> {
  const rows = await tx.selectFrom('reserved').selectAll().where('networkId', '=', networkId).orderBy('first').execute()
  return rows.map(row => ({ first: fromHex(row.first), last: fromHex(row.last) }))
}

export async function insertReserved(tx: Tx, networkId: number, address: Address): Promise<void> {
  await tx
    .insertInto('reserved')
    .values({ networkId, first: toHex(address), last: toHex(address) })
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

export async function deleteReserved(tx: Tx, networkId: number, address: Address): Promise<void> {
  const at = toHex(address)
  await tx.deleteFrom('reserved').where('networkId', '=', networkId).where('first', '=', at).execute()
}

/**
 * Everything in the network's span that a node must not be given: addresses in use (from whatever network they were given),
 * reserved ones, DHCP ranges, name servers and the heads', those of overlapping networks too.
 */
export async function takenRanges(tx: Tx, network: Network): Promise<Range[]> {
  const { version, base } = network.cidr
  const low = toHex({ version, value: base })
  const high = toHex({ version, value: lastOf(network.cidr) })
  const used = await tx
    .selectFrom('address')
    .select('address')
    .where('address', '>=', low)
    .where('address', '<=', high)
    .execute()
  const reserved = await tx
    .selectFrom('reserved')
    .select(['first', 'last'])
    .where('first', '<=', high)
    .where('last', '>=', low)
    .execute()
  const nameServers = await tx.selectFrom('network').select('nsAddress as address').execute()
  const heads = await tx
    .selectFrom('cluster')
    .select(['frontendAddress', 'clusterIps', 'dhcpFirst', 'dhcpLast'])
    .execute()
  const ofHeads = heads.flatMap(head => [head.frontendAddress, ...head.clusterIps.split(',')])
  const singles = [...used, ...nameServers, ...ofHeads.map(address => ({ address }))]
  const dhcp = heads.flatMap(head => (head.dhcpFirst ? [{ first: head.dhcpFirst, last: head.dhcpLast! }] : []))
  return [
    ...singles
      .flatMap(({ address }) => (address ? [fromHex(address)] : []))
      .map(a => ({ ...rangeOf(a), version: a.version })),
    ...[...reserved, ...dhcp].map(range => {
      const first = fromHex(range.first)
      return { first: first.value, last: fromHex(range.last).value, version: first.version }
    }),
  ].filter(range => range.version === version)
}
