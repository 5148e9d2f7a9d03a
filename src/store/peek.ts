import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

/** Where the names of each kind are. */
const tables: Readonly<Record<string, string>> = {
  ...{ osimage: 'osimage', bmcsetup: 'bmcsetup', network: 'network', switch: 'switch', otherdev: 'otherdev' },
  ...{ group: 'node_group', node: 'node', interface: 'group_interface' },
}

export const tableOfKind = (kind: string): string | undefined =>
  Object.hasOwn(tables, kind) ? tables[kind] : undefined

/** Names of the objects of a kind, sorted, from a SQLite file as it is: without Kysely, which takes longer to load than they to be read. */
export function peekNames(path: string, kind: string): string[] {
  const table = tableOfKind(kind)
  if (table === undefined) return []
  const database = new DatabaseSync(locate(path), { readOnly: true, timeout: 200 })
  try {
    const rows = database.prepare(`select distinct name from "${table}" order by name`).all()
    return rows.map(({ name }) => String(name))
  } finally {
    database.close()
  }
}

/** Nobody has it open without a log beside it: then it need not be made (sqlite.org/wal.html, read-only databases). */
function locate(path: string): URL {
  const url = pathToFileURL(path)
  if (!existsSync(`${path}-wal`)) url.searchParams.set('immutable', '1')
  return url
}
