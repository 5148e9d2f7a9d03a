import type { BadSender } from '../domain/bad-pieces.ts'
import type { InstallStep } from '../domain/install.ts'
import type { NodeEvent, Storm, StormNode } from '../domain/storm.ts'
import { toEvent } from './boots.ts'
import { chunksOf } from './chunks.ts'
import type { Row } from './schema.ts'
import type { Tx } from './store.ts'

/** Storms that are kept, of all osimages together. */
const stormsKept = 20

/** Steps that tell when a node began to fetch, had it all, or failed. */
const telling: readonly InstallStep[] = ['install.download', 'install.unpack', 'install.failed']

/**
 * Such steps of the boots that were made since then and fetch the image with that info-hash, in their order. The boots first: in one
 * statement SQLite would rather read all events of all nodes.
 */
export async function listEventsOfImage(tx: Tx, infoHash: string, sinceMs: number): Promise<NodeEvent[]> {
  const boots = await tx
    .selectFrom('pack')
    .innerJoin('boot', 'boot.packId', 'pack.id')
    .innerJoin('node', 'node.id', 'boot.nodeId')
    .select(['boot.id', 'node.name'])
    .where('pack.infoHash', '=', infoHash)
    .where('boot.createdAtMs', '>=', sinceMs)
    .execute()
  const names = new Map(boots.map(({ id, name }) => [id, name]))
  const rows: Row<'installEvent'>[] = []
  for (const ids of chunksOf([...names.keys()])) {
    const query = tx.selectFrom('installEvent').selectAll().where('bootId', 'in', ids).where('step', 'in', telling)
    rows.push(...(await query.execute()))
  }
  return rows.toSorted((a, b) => a.id - b.id).map(row => ({ ...toEvent(row), node: names.get(row.bootId!)! }))
}

/** Keeps it, in place of what was known of the same storm before it was over, and forgets the oldest. */
export async function putStorm(tx: Tx, storm: Storm): Promise<void> {
  const { osimage, beganAtMs } = storm
  await tx.deleteFrom('storm').where('osimage', '=', osimage).where('beganAtMs', '=', beganAtMs).execute()
  await insertStorm(tx, storm)
  const newest = tx.selectFrom('storm').select('id').orderBy('id', 'desc').limit(stormsKept)
  await tx.deleteFrom('storm').where('id', 'not in', newest).execute()
}

async function insertStorm(tx: Tx, { slowest, badSenders, ...storm }: Storm): Promise<void> {
  const values = { ...storm, badSenders: badSenders.map(({ name, others }) => `${name}=${others}`).join() }
  const { id: stormId } = await tx.insertInto('storm').values(values).returning('id').executeTakeFirstOrThrow()
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
  return rows.map(({ id, badSenders, ...storm }) => ({
    ...storm,
    badSenders: toBadSenders(badSenders),
    slowest: (byStorm.get(id) ?? []).map(toStormNode),
  }))
}

const toBadSenders = (text: string): BadSender[] =>
  text.split(',').flatMap(one => {
    const [name, others] = one.split('=')
    return name ? [{ name, others: Number(others) }] : []
  })

const toStormNode = ({ id: _, stormId: __, ...row }: Row<'stormNode'>): StormNode => ({
  ...row,
  endedAtMs: row.endedAtMs ?? undefined,
  message: row.message ?? undefined,
})
