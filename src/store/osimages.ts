import type { Osimage } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import type { Row } from './schema.ts'
import type { Tx } from './store.ts'

const toOsimage = (row: Row<'osimage'>): Osimage => ({
  ...row,
  packId: row.packId ?? undefined,
  canaryId: row.canaryId ?? undefined,
})

export async function listOsimages(tx: Tx): Promise<Osimage[]> {
  return (await tx.selectFrom('osimage').selectAll().orderBy('name').execute()).map(toOsimage)
}

export async function findOsimage(tx: Tx, name: string): Promise<Osimage | undefined> {
  const row = await tx.selectFrom('osimage').selectAll().where('name', '=', name).executeTakeFirst()
  return row && toOsimage(row)
}

export async function getOsimage(tx: Tx, name: string): Promise<Osimage> {
  const osimage = await findOsimage(tx, name)
  if (osimage) return osimage
  throw new LunaError('notFound', `there is no osimage "${name}"; see: luna osimage list`)
}

export async function insertOsimage(tx: Tx, osimage: Omit<Osimage, 'id' | 'packId' | 'canaryId'>): Promise<void> {
  await tx
    .insertInto('osimage')
    .values({ ...osimage, packId: null, canaryId: null })
    .execute()
}

export async function updateOsimage(tx: Tx, { id, packId, canaryId, ...osimage }: Osimage): Promise<void> {
  await tx
    .updateTable('osimage')
    .set({ ...osimage, packId: packId ?? null, canaryId: canaryId ?? null })
    .where('id', '=', id)
    .execute()
}

export async function setCanary(tx: Tx, id: number, canaryId: number | null): Promise<void> {
  await tx.updateTable('osimage').set({ canaryId }).where('id', '=', id).execute()
}

export async function deleteOsimage(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('osimage').where('id', '=', id).execute()
}
