import type { Tx } from './store.ts'

/** What can bear a host's name: a table each. */
export type HostKind = 'node' | 'switch' | 'otherdev'

export const hostKinds: readonly HostKind[] = ['node', 'switch', 'otherdev']

/** Names in use, with what bears them: of those asked for, or all. A list longer than a query takes is to be left out. */
export async function listHostNames(tx: Tx, names?: readonly string[]): Promise<Map<string, HostKind>> {
  const found = new Map<string, HostKind>()
  for (const kind of hostKinds) {
    const query = tx.selectFrom(kind).select('name')
    for (const { name } of await (names ? query.where('name', 'in', names) : query).execute()) found.set(name, kind)
  }
  return found
}
