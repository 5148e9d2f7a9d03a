import { sql } from 'kysely'
import type { PostgresqlUrl } from '../domain/database-url.ts'
import { tableOfKind } from './peek.ts'
import { openStore } from './store.ts'

/** Names of the objects of a kind, sorted, from a PostgreSQL that is there at once. */
export async function listNames(url: PostgresqlUrl, kind: string): Promise<string[]> {
  const table = tableOfKind(kind)
  if (table === undefined) return []
  const store = await openStore(url, { patienceMs: 0 })
  try {
    const query = sql<{ name: string }>`select distinct name from ${sql.table(table)} order by name`
    const { rows } = await store.read(tx => query.execute(tx))
    return rows.map(({ name }) => name)
  } finally {
    await store.close()
  }
}
