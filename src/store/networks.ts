import { type Address, fromHex, toHex } from '../domain/address.ts'
import type { Range } from '../domain/cidr.ts'
import { lastOf } from '../domain/cidr.ts'
import { type KeptRange, type Network, rangeOf } from '../domain/network.ts'
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

/** Everything in the network's span that a node must not be given: addresses in use, from whatever network they were given, and those kept. */
export async function takenRanges(tx: Tx, network: Network): Promise<Range[]> {
  const { low, high } = spanOf(network)
  const used = await tx
    .selectFrom('address')
    .select('address')
    .where('address', '>=', low)
    .where('address', '<=', high)
    .execute()
  const kept = await listKept(tx, network)
  return [
    ...used.map(({ address }) => rangeOf(fromHex(address))),
    ...kept.map(({ first, last }) => ({ first: first.value, last: last.value })),
  ]
}

/** Addresses in the network's span that are kept from everybody, by overlapping networks too, in their order. */
export async function listKept(tx: Tx, network: Network): Promise<KeptRange[]> {
  const reserved = await tx.selectFrom('reserved').select(['first', 'last']).execute()
  const nameServers = await tx.selectFrom('network').select('nsAddress').execute()
  const heads = await tx
    .selectFrom('cluster')
    .select(['frontendAddress', 'clusterIps', 'dhcpFirst', 'dhcpLast'])
    .execute()
  const single = (use: KeptRange['use'], at: string | null) => ({ first: at, last: at, use })
  const all = [
    ...reserved.map(range => ({ ...range, use: 'reserved' as const })),
    ...nameServers.map(({ nsAddress }) => single('name server', nsAddress)),
    ...heads.flatMap(({ frontendAddress, clusterIps, dhcpFirst, dhcpLast }) => [
      { first: dhcpFirst, last: dhcpLast, use: 'DHCP range' as const },
      single('frontend address', frontendAddress),
      ...clusterIps.split(',').map(address => single('head node', address)),
    ]),
  ]
  const { low, high } = spanOf(network)
  return all
    .flatMap(({ first, last, use }) => (first && last && first <= high && last >= low ? [{ first, last, use }] : []))
    .sort((a, b) => (a.first < b.first ? -1 : Number(a.first > b.first)))
    .map(({ first, last, use }) => ({ first: fromHex(first), last: fromHex(last), use }))
}

/** As stored, where addresses of both versions have one order. */
const spanOf = ({ cidr }: Network) => ({
  low: toHex({ version: cidr.version, value: cidr.base }),
  high: toHex({ version: cidr.version, value: lastOf(cidr) }),
})
