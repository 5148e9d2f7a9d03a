import type { Bmcsetup } from '../domain/bmcsetup.ts'
import { LunaError } from '../errors.ts'
import type { Tx } from './store.ts'

export async function listBmcsetups(tx: Tx): Promise<Bmcsetup[]> {
  return tx.selectFrom('bmcsetup').selectAll().orderBy('name').execute()
}

export async function findBmcsetup(tx: Tx, name: string): Promise<Bmcsetup | undefined> {
  return tx.selectFrom('bmcsetup').selectAll().where('name', '=', name).executeTakeFirst()
}

export async function getBmcsetup(tx: Tx, name: string): Promise<Bmcsetup> {
  const bmcsetup = await findBmcsetup(tx, name)
  if (bmcsetup) return bmcsetup
  throw new LunaError('notFound', `there is no bmcsetup "${name}"; see: luna bmcsetup list`)
}

export async function insertBmcsetup(tx: Tx, bmcsetup: Omit<Bmcsetup, 'id'>): Promise<void> {
  await tx.insertInto('bmcsetup').values(bmcsetup).execute()
}

export async function updateBmcsetup(tx: Tx, { id, ...bmcsetup }: Bmcsetup): Promise<void> {
  await tx.updateTable('bmcsetup').set(bmcsetup).where('id', '=', id).execute()
}

export async function deleteBmcsetup(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('bmcsetup').where('id', '=', id).execute()
}
