import type { InstallStep } from '../domain/install.ts'
import type { InstallEvent } from '../domain/node.ts'
import { rowsInStatement } from './chunks.ts'
import type { Row } from './schema.ts'
import type { Tx } from './store.ts'

export interface Boot {
  id: number
  nodeId: number
  packId: number | undefined
}

/**
 * Boots whose script nobody ever used are kept up to this many for a node, so that discoveries alone cannot fill the disk; and that
 * many, so that discoveries alone cannot push out the boot of a machine that is still loading its kernel.
 */
const unusedBootsKept = 1000
/** Boots of a node whose events are kept. */
const bootsKept = 8

/** Stores a new boot of the node; boots in progress stay as they are. */
export async function insertBoot(
  tx: Tx,
  boot: { nodeId: number; tokenHash: string; packId: number | undefined; createdAtMs: number },
): Promise<number> {
  const values = { ...boot, packId: boot.packId ?? null, usedAtMs: null, endedAtMs: null }
  const { id } = await tx.insertInto('boot').values(values).returning('id').executeTakeFirstOrThrow()
  await forgetOldBoots(tx, boot.nodeId)
  return id
}

async function forgetOldBoots(tx: Tx, nodeId: number): Promise<void> {
  const rows = await tx
    .selectFrom('boot')
    .select(['id', 'usedAtMs', 'endedAtMs'])
    .where('nodeId', '=', nodeId)
    .orderBy('id', 'desc')
    .execute()
  const unused = rows.filter(row => row.usedAtMs === null).slice(unusedBootsKept)
  const ended = rows.filter(row => row.usedAtMs !== null && row.endedAtMs !== null).slice(bootsKept)
  const ids = [...unused, ...ended].map(row => row.id)
  if (ids.length === 0) return
  await tx.deleteFrom('installEvent').where('bootId', 'in', ids).execute()
  await tx.deleteFrom('boot').where('id', 'in', ids).execute()
}

/** The boot of that node whose token has this hash and is alive: not ended and, since it was made or last used, not older than `sinceMs`. */
export async function findLiveBoot(
  tx: Tx,
  nodeId: number,
  tokenHash: string,
  sinceMs: number,
): Promise<Boot | undefined> {
  const row = await tx
    .selectFrom('boot')
    .selectAll()
    .where('nodeId', '=', nodeId)
    .where('tokenHash', '=', tokenHash)
    .where('endedAtMs', 'is', null)
    .where(eb => eb.or([eb('createdAtMs', '>=', sinceMs), eb('usedAtMs', '>=', sinceMs)]))
    .executeTakeFirst()
  return row && { id: row.id, nodeId: row.nodeId, packId: row.packId ?? undefined }
}

/** The boot of that node whose token had this hash and is dead. */
export async function findEndedBoot(tx: Tx, nodeId: number, tokenHash: string): Promise<Boot | undefined> {
  const row = await tx
    .selectFrom('boot')
    .selectAll()
    .where('nodeId', '=', nodeId)
    .where('tokenHash', '=', tokenHash)
    .where('endedAtMs', 'is not', null)
    .executeTakeFirst()
  return row && { id: row.id, nodeId: row.nodeId, packId: row.packId ?? undefined }
}

export async function markBootUsed(tx: Tx, bootId: number, atMs: number): Promise<void> {
  await tx.updateTable('boot').set({ usedAtMs: atMs }).where('id', '=', bootId).execute()
}

export async function endBoot(tx: Tx, bootId: number, atMs: number): Promise<void> {
  await tx.updateTable('boot').set({ endedAtMs: atMs }).where('id', '=', bootId).execute()
}

export interface NewEvent extends InstallEvent {
  nodeId: number
  bootId: number | undefined
}

export async function insertEvent(tx: Tx, event: NewEvent): Promise<void> {
  const { bootId, message, uptimeS, fromHeadBytes, fromPeersBytes, ...rest } = event
  await tx
    .insertInto('installEvent')
    .values({
      ...rest,
      bootId: bootId ?? null,
      message: message ?? null,
      uptimeS: uptimeS ?? null,
      fromHeadBytes: fromHeadBytes ?? null,
      fromPeersBytes: fromPeersBytes ?? null,
    })
    .execute()
}

/** Forgets all but the newest `keep` events of the boot. */
export async function forgetOldEvents(tx: Tx, bootId: number, keep: number): Promise<void> {
  const newest = tx
    .selectFrom('installEvent')
    .select('id')
    .where('bootId', '=', bootId)
    .orderBy('id', 'desc')
    .limit(keep)
  await tx.deleteFrom('installEvent').where('bootId', '=', bootId).where('id', 'not in', newest).execute()
}

export async function findLatestEvent(tx: Tx, bootId: number): Promise<InstallEvent | undefined> {
  const query = tx.selectFrom('installEvent').selectAll().where('bootId', '=', bootId).orderBy('id', 'desc')
  const row = await query.executeTakeFirst()
  return row && toEvent(row)
}

const toEvent = (row: Row<'installEvent'>): InstallEvent => ({
  step: row.step as InstallStep,
  atMs: Number(row.atMs),
  message: row.message ?? undefined,
  uptimeS: row.uptimeS ?? undefined,
  fromHeadBytes: row.fromHeadBytes === null ? undefined : Number(row.fromHeadBytes),
  fromPeersBytes: row.fromPeersBytes === null ? undefined : Number(row.fromPeersBytes),
})

/** The latest event of each node, by the node's id: of these nodes at least. */
export async function listLatestEvents(tx: Tx, nodeIds: readonly number[]): Promise<Map<number, InstallEvent>> {
  if (nodeIds.length === 0) return new Map()
  const query = tx
    .selectFrom('node')
    .innerJoin('installEvent', join =>
      join.on('installEvent.id', '=', eb =>
        // by the index, a look for each node; grouping would read all events of all nodes
        eb
          .selectFrom('installEvent as event')
          .select(({ fn }) => fn.max('event.id').as('id'))
          .whereRef('event.nodeId', '=', 'node.id'),
      ),
    )
    .selectAll('installEvent')
  const few = nodeIds.length <= rowsInStatement
  const rows = await (few ? query.where('node.id', 'in', nodeIds) : query).execute()
  return new Map(rows.map(row => [row.nodeId, toEvent(row)]))
}

/** Events of the boot that the node's latest event belongs to, oldest first. */
export async function listBootEvents(tx: Tx, nodeId: number): Promise<InstallEvent[]> {
  const latest = await tx
    .selectFrom('installEvent')
    .select('bootId')
    .where('nodeId', '=', nodeId)
    .orderBy('id', 'desc')
    .executeTakeFirst()
  if (!latest) return []
  const query = tx.selectFrom('installEvent').selectAll().where('nodeId', '=', nodeId).orderBy('id')
  const rows = await query.where('bootId', latest.bootId === null ? 'is' : '=', latest.bootId).execute()
  return rows.map(toEvent)
}
