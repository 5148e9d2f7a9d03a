import type { Pack } from '../domain/osimage.ts'
import type { Row } from './schema.ts'
import type { Tx } from './store.ts'

const toPack = ({ state: _, ...pack }: Row<'pack'>): Pack => ({ ...pack, sizeBytes: Number(pack.sizeBytes) })

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
} satisfies Partial<Pack>

/** Reserves the number of a generation that is about to be made. It is invisible to nodes until `publishPack`. */
export async function insertPacking(tx: Tx, osimageId: number, createdAtMs: number): Promise<number> {
  const { id } = await tx
    .insertInto('pack')
    .values({ osimageId, state: 'packing', createdAtMs, ...nothingYet })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Fills the reserved row and makes it the one that nodes get from now on. */
export async function publishPack(tx: Tx, pack: Pack): Promise<void> {
  const { id, ...rest } = pack
  await tx
    .updateTable('pack')
    .set({ ...rest, state: 'published' })
    .where('id', '=', id)
    .execute()
  await tx.updateTable('osimage').set({ packId: id }).where('id', '=', pack.osimageId).execute()
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

/** Numbers of the generations that somebody needs: the current ones, and those of boots begun since `sinceMs` and not ended. */
export async function listNeededPacks(tx: Tx, sinceMs: number): Promise<Set<number>> {
  const current = await tx.selectFrom('osimage').select('packId').execute()
  // each condition has its index, and the first boot found will do: boots are many, packs few
  const booting = await tx
    .selectFrom('pack')
    .select('pack.id as packId')
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
  return new Set([...current, ...booting].flatMap(({ packId }) => (packId === null ? [] : [packId])))
}

export async function deletePack(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('pack').where('id', '=', id).execute()
}
