import type { NodeEvent, Storm, StormNode } from '../domain/storm.ts'
import { toEvent } from './boots.ts'
import type { Row } from './schema.ts'
import type { Tx } from './store.ts'

/** Storms that are kept, of all osimages together. */
const stormsKept = 20

/** Steps of the boots that were made since then and fetch the image with that info-hash. */
export async function listEventsOfImage(tx: Tx, infoHash: string, sinceMs: number): Promise<NodeEvent[]> {
  const rows = await tx
    .selectFrom('pack')
    .innerJoin('boot', 'boot.packId', 'pack.id')
    .innerJoin('installEvent', 'installEvent.bootId', 'boot.id')
    .innerJoin('node', 'node.id', 'installEvent.nodeId')
    .selectAll('installEvent')
    .select('node.name as node')
    .where('pack.infoHash', '=', infoHash)
    .where('boot.createdAtMs', '>=', sinceMs)
    .orderBy('installEvent.id')
    .execute()
  return rows.map(row => ({ ...toEvent(row), node: row.node }))
}

/** Keeps it, in place of what was known of the same storm before it was over, and forgets the oldest. */
export async function putStorm(tx: Tx, storm: Storm): Promise<void> {
  const { osimage, beganAtMs } = storm
  await tx.deleteFrom('storm').where('osimage', '=', osimage).where('beganAtMs', '=', beganAtMs).execute()
  await insertStorm(tx, storm)
  const newest = tx.selectFrom('storm').select('id').orderBy('id', 'desc').limit(stormsKept)
  await tx.deleteFrom('storm').where('id', 'not in', newest).execute()
}

async function insertStorm(tx: Tx, { slowest, ...storm }: Storm): Promise<void> {
  const { id: stormId } = await tx.insertInto('storm').values(storm).returning('id').executeTakeFirstOrThrow()
  const rows = slowest.map(({ endedAtMs, message, ...node }) => ({
    ...{ ...node, stormId },
    ...{ endedAtMs: endedAtMs ?? null, message: message ?? null },
  }))
  await tx.insertInto('stormNode').values(rows).execute()
}

/** The newest first; of one osimage or of all. */
export async function listStorms(tx: Tx, osimage?: string): Promise<Storm[]> {
  const query = tx.selectFrom('storm').selectAll().orderBy('beganAtMs', 'desc').orderBy('id', 'desc')
  const rows = await (osimage === undefined ? query : query.where('osimage', '=', osimage)).execute()
  const nodes = await tx.selectFrom('stormNode').selectAll().orderBy('id').execute()
  const byStorm = Map.groupBy(nodes, ({ stormId }) => stormId)
  return rows.map(({ id, ...storm }) => ({ ...storm, slowest: (byStorm.get(id) ?? []).map(toStormNode) }))
}

const toStormNode = ({ id: _, stormId: __, ...row }: Row<'stormNode'>): StormNode => ({
  ...row,
  endedAtMs: row.endedAtMs ?? undefined,
  message: row.message ?? undefined,
})
