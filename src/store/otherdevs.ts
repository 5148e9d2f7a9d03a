import { fromHex } from '../domain/address.ts'
import { nameHosts } from '../domain/hostlist.ts'
import type { Otherdev } from '../domain/otherdev.ts'
import { LunaError } from '../errors.ts'
import type { Tx } from './store.ts'

/** In the order of their names. */
export async function listOtherdevs(tx: Tx): Promise<Otherdev[]> {
  const rows = await tx.selectFrom('otherdev').selectAll().orderBy('name').execute()
  const held = await tx
    .selectFrom('address')
    .innerJoin('network', 'network.id', 'address.networkId')
    .select(['address.otherdevId', 'address.address', 'network.name as network'])
    .where('address.otherdevId', 'is not', null)
    .orderBy('address.address')
    .execute()
  const byDevice = Map.groupBy(held, row => row.otherdevId)
  return rows.map(row => ({
    ...row,
    addresses: (byDevice.get(row.id) ?? []).map(({ network, address }) => ({ network, address: fromHex(address) })),
  }))
}

/** All of them, in the order of the names given. */
export async function getOtherdevs(tx: Tx, names: readonly string[]): Promise<Otherdev[]> {
  const found = new Map((await listOtherdevs(tx)).map(one => [one.name, one]))
  const missing = names.filter(name => !found.has(name))
  if (missing.length === 0) return names.map(name => found.get(name)!)
  throw new LunaError(
    'notFound',
    `there ${missing.length === 1 ? 'is' : 'are'} no ${nameHosts('otherdev', missing)}; see: luna otherdev list`,
  )
}

export async function insertOtherdev(tx: Tx, name: string): Promise<number> {
  const values = { name, comment: '' }
  return (await tx.insertInto('otherdev').values(values).returning('id').executeTakeFirstOrThrow()).id
}

export async function updateOtherdev(tx: Tx, { id, name, comment }: Otherdev): Promise<void> {
  await tx.updateTable('otherdev').set({ name, comment }).where('id', '=', id).execute()
}

export async function deleteOtherdev(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('otherdev').where('id', '=', id).execute()
}
