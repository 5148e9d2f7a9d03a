import type { Pack } from '../domain/osimage.ts'
import type { Row } from './schema.ts'
import type { Tx } from './store.ts'

const toPack = ({ state: _, ...pack }: Row<'pack'>): Pack => ({
  ...pack,
  sizeBytes: Number(pack.sizeBytes),
  madeFrom: pack.madeFrom ?? undefined,
  currentAtMs: pack.currentAtMs === null ? undefined : Number(pack.currentAtMs),
})

const nothingYet = {
  kernver: '',
  kernelFile: '',
  initrdFile: '',
  tarballFile: '',
  torrentFile: '',
  infoHash: '',
  sizeBytes: 0,
  pieceLengthBytes: 0,
  distribution: '',
  networkWriter: '',
  madeFrom: null,
  currentAtMs: null,
} satisfies { [K in keyof Pack]?: Pack[K] | null }

/** Reserves the number of a generation that is about to be made. It is invisible to nodes until `publishPack`. */
export async function insertPacking(tx: Tx, osimageId: number, createdAtMs: number): Promise<number> {
  const { id } = await tx
    .insertInto('pack')
    .values({ osimageId, state: 'packing', createdAtMs, ...nothingYet })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Fills the reserved row: from now on nodes may get it. */
export async function publishPack(tx: Tx, { id, madeFrom, currentAtMs, ...rest }: Pack): Promise<void> {
  await tx
    .updateTable('pack')
    .set({ ...rest, madeFrom: madeFrom ?? null, currentAtMs: currentAtMs ?? null, state: 'published' })
    .where('id', '=', id)
    .execute()
}

/** Makes it the one that nodes get. */
export async function makePackCurrent(tx: Tx, { id, osimageId }: Pick<Pack, 'id' | 'osimageId'>, atMs: number) {
  await tx.updateTable('pack').set({ currentAtMs: atMs }).where('id', '=', id).execute()
  await tx.updateTable('osimage').set({ packId: id }).where('id', '=', osimageId).execute()
}

/** Generations that were begun and never published: of packs at work now, or that were killed. */
export async function listUnfinishedPacks(tx: Tx, osimageId: number): Promise<number[]> {
  const rows = await tx
    .selectFrom('pack')
    .select('id')
    .where('osimageId', '=', osimageId)
    .where('state', '=', 'packing')
    .execute()
  return rows.map(row => row.id)
}

export async function findPack(tx: Tx, id: number): Promise<Pack | undefined> {
  const row = await tx
    .selectFrom('pack')
    .selectAll()
    .where('id', '=', id)
    .where('state', '=', 'published')
    .executeTakeFirst()
  return row && toPack(row)
}

/** Every published generation, newest first, of one osimage or of all. */
export async function listPacks(tx: Tx, osimageId?: number): Promise<Pack[]> {
  const query = tx.selectFrom('pack').selectAll().where('state', '=', 'published').orderBy('id', 'desc')
  const rows = await (osimageId === undefined ? query : query.where('osimageId', '=', osimageId)).execute()
  return rows.map(toPack)
}

/** Numbers of the generations that somebody needs: current ones, canaries, pinned ones, and those of boots begun since `sinceMs` and not ended. */
export async function listNeededPacks(tx: Tx, sinceMs: number): Promise<Set<number>> {
  const osimages = await tx.selectFrom('osimage').select(['packId', 'canaryId']).execute()
  const groups = await tx.selectFrom('nodeGroup').select('packId').execute()
  const ofNodes = await tx
    .selectFrom('pack')
    .select('pack.id as packId')
    .where(({ exists, selectFrom }) =>
      exists(selectFrom('node').select('node.id').whereRef('node.packId', '=', 'pack.id')),
    )
    .execute()
  const booting = await listBootingPacks(tx, sinceMs)
  const ofOsimages = osimages.flatMap(({ packId, canaryId }) => [packId, canaryId])
  const needed = [...ofOsimages, ...[...groups, ...ofNodes].map(({ packId }) => packId), ...booting]
  return new Set(needed.filter(id => id !== null))
}

/** Numbers of the generations of boots begun since `sinceMs` and not ended. */
export async function listBootingPacks(tx: Tx, sinceMs: number): Promise<number[]> {
  // each condition has its index, and the first boot found will do: boots are many, packs few
  const rows = await tx
    .selectFrom('pack')
    .select('pack.id')
    .where(({ or, exists, selectFrom }) => {
      const open = selectFrom('boot')
        .select('boot.id')
        .whereRef('boot.packId', '=', 'pack.id')
        .where('endedAtMs', 'is', null)
      return or([
        exists(open.where('boot.createdAtMs', '>=', sinceMs)),
        exists(open.where('boot.usedAtMs', '>=', sinceMs)),
      ])
    })
    .execute()
  return rows.map(({ id }) => id)
}

export async function deletePack(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('pack').where('id', '=', id).execute()
}
