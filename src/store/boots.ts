import type { InstallStep } from '../domain/install.ts'
import type { InstallEvent } from '../domain/node.ts'
import { chunksOf, rowsInStatement } from './chunks.ts'
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

export interface NewBoot {
  nodeId: number
  tokenHash: string
  packId: number | undefined
  createdAtMs: number
  /** Of a boot that is of no use any more as soon as it is made. */
  endedAtMs?: number | undefined
}

/** Stores new boots and returns their ids, in their order; boots in progress stay as they are. */
export async function insertBoots(tx: Tx, boots: readonly NewBoot[]): Promise<number[]> {
  if (boots.length === 0) return []
  const values = boots.map(({ packId, endedAtMs, ...boot }) => ({
    ...boot,
    packId: packId ?? null,
    usedAtMs: null,
    endedAtMs: endedAtMs ?? null,
  }))
  const rows = await tx.insertInto('boot').values(values).returning(['id', 'tokenHash']).execute()
  const ids = new Map(rows.map(row => [row.tokenHash, row.id])) // their order is the database's
  const nodeIds = new Set(boots.map(boot => boot.nodeId))
  await forgetOldBoots(tx, [...nodeIds])
  return boots.map(boot => ids.get(boot.tokenHash)!)
}

async function forgetOldBoots(tx: Tx, nodeIds: readonly number[]): Promise<void> {
  const rows = await tx
    .selectFrom('boot')
    .select(['id', 'nodeId', 'usedAtMs', 'endedAtMs'])
    .where('nodeId', 'in', nodeIds)
    .orderBy('nodeId')
    .orderBy('id', 'desc')
    .execute()
  const ids = [...Map.groupBy(rows, row => row.nodeId).values()].flatMap(ofNode => [
    ...ofNode.filter(row => row.usedAtMs === null).slice(unusedBootsKept),
    ...ofNode.filter(row => row.usedAtMs !== null && row.endedAtMs !== null).slice(bootsKept),
  ])
  for (const chunk of chunksOf(ids.map(({ id }) => id))) {
    await tx.deleteFrom('installEvent').where('bootId', 'in', chunk).execute()
    await tx.deleteFrom('boot').where('id', 'in', chunk).execute()
  }
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

export async function insertEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  const values = events.map(({ bootId, message, uptimeS, fromHeadBytes, fromPeersBytes, fromWebBytes, ...rest }) => ({
    ...rest,
    bootId: bootId ?? null,
    message: message ?? null,
    uptimeS: uptimeS ?? null,
    fromHeadBytes: fromHeadBytes ?? null,
    fromPeersBytes: fromPeersBytes ?? null,
    fromWebBytes: fromWebBytes ?? null,
  }))
  await tx.insertInto('installEvent').values(values).execute()
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

export const toEvent = (row: Row<'installEvent'>): InstallEvent => ({
  step: row.step as InstallStep,
  atMs: Number(row.atMs),
  message: row.message ?? undefined,
  uptimeS: row.uptimeS ?? undefined,
  fromHeadBytes: row.fromHeadBytes === null ? undefined : Number(row.fromHeadBytes),
  fromPeersBytes: row.fromPeersBytes === null ? undefined : Number(row.fromPeersBytes),
  fromWebBytes: row.fromWebBytes === null ? undefined : Number(row.fromWebBytes),
})

/** The latest event of each node, by the node's id: of these nodes at least; with the generation that its boot began with, as long as that is there. */
export async function listLatestEvents(
  tx: Tx,
  nodeIds: readonly number[],
): Promise<Map<number, InstallEvent & { generation: number | undefined }>> {
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
    .leftJoin('boot', 'boot.id', 'installEvent.bootId')
    .selectAll('installEvent')
    .select('boot.packId')
  const few = nodeIds.length <= rowsInStatement
  const rows = await (few ? query.where('node.id', 'in', nodeIds) : query).execute()
  return new Map(rows.map(row => [row.nodeId, { ...toEvent(row), generation: row.packId ?? undefined }]))
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
