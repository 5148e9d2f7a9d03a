import { fromHex, toHex } from '../domain/address.ts'
import type { Cluster } from '../domain/cluster.ts'
import type { DhcpServer } from '../domain/dhcp-server.ts'
import { LunaError } from '../errors.ts'
import type { NewRow } from './schema.ts'
import type { Tx } from './store.ts'
import { tables } from './tables.ts'

export async function findCluster(tx: Tx): Promise<Cluster | undefined> {
  const row = await tx
    .selectFrom('cluster')
    .leftJoin('network', 'network.id', 'cluster.dhcpNetworkId')
    .selectAll('cluster')
    .select('network.name as dhcpNetwork')
    .executeTakeFirst()
  if (!row) return undefined
  const { id: _, dhcpNetworkId: __, dhcpNetwork, dhcpFirst, dhcpLast, frontendAddress, clusterIps, ...plain } = row
  return {
    ...plain,
    frontendHttps: plain.frontendHttps === 1,
    clusterIps: clusterIps.split(',').filter(Boolean).map(fromHex),
    frontendAddress: frontendAddress === null ? undefined : fromHex(frontendAddress),
    dhcpServer: plain.dhcpServer as DhcpServer,
    nativeDhcpHa: plain.nativeDhcpHa === 1,
    dhcp: dhcpNetwork ? { network: dhcpNetwork, first: fromHex(dhcpFirst!), last: fromHex(dhcpLast!) } : undefined,
  }
}

export async function getCluster(tx: Tx): Promise<Cluster> {
  const cluster = await findCluster(tx)
  if (cluster) return cluster
  throw new LunaError('notReady', 'there is no cluster yet; run: luna cluster init --frontend_address ADDRESS')
}

/** Writes the whole cluster, for the first time or again. */
export async function putCluster(tx: Tx, cluster: Cluster): Promise<void> {
  const row = await toRow(tx, cluster)
  await tx
    .insertInto('cluster')
    .values(row)
    .onConflict(conflict => conflict.column('id').doUpdateSet(row))
    .execute()
}

async function toRow(tx: Tx, { dhcp, frontendAddress, clusterIps, ...plain }: Cluster): Promise<NewRow<'cluster'>> {
  const network = dhcp
    ? await tx.selectFrom('network').select('id').where('name', '=', dhcp.network).executeTakeFirstOrThrow()
    : undefined
  return {
    id: 1,
    ...plain,
    frontendHttps: Number(plain.frontendHttps),
    clusterIps: clusterIps.map(toHex).join(','),
    frontendAddress: frontendAddress ? toHex(frontendAddress) : null,
    nativeDhcpHa: Number(plain.nativeDhcpHa),
    dhcpNetworkId: network?.id ?? null,
    dhcpFirst: dhcp ? toHex(dhcp.first) : null,
    dhcpLast: dhcp ? toHex(dhcp.last) : null,
  }
}

const nouns = [
  ['node', 'nodes'],
  ['nodeGroup', 'groups'],
  ['osimage', 'osimages'],
  ['network', 'networks'],
  ['switch', 'switches'],
  ['otherdev', 'otherdevs'],
  ['bmcsetup', 'bmcsetups'],
] as const

/** How many there are of each noun. */
export async function countObjects(tx: Tx): Promise<{ noun: string; count: number }[]> {
  const counts: { noun: string; count: number }[] = []
  for (const [table, noun] of nouns) {
    const query = tx.selectFrom(table).select(row => row.fn.countAll().as('count'))
    counts.push({ noun, count: Number((await query.executeTakeFirstOrThrow()).count) })
  }
  return counts
}

/** Empties every table. */
export async function deleteEverything(tx: Tx): Promise<void> {
  for (const table of tables.toReversed()) await tx.deleteFrom(table).execute()
}
