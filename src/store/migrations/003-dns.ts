import type { Kysely } from 'kysely'
import { bigint, createTable, required, text, unique } from './columns.ts'

/** Where named finds its zones, what sites add to them, and which serial number each has reached. */
export async function dns(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  const addText = (table: string, column: string) =>
    schema
      .alterTable(table)
      .addColumn(column, text, one => one.notNull().defaultTo(''))
      .execute()

  await addText('cluster', 'named_include_file')
  await addText('cluster', 'named_zone_dir')
  await addText('network', 'include')
  await addText('network', 'rev_include')

  await createTable(db, 'dns_zone')
    .addColumn('name', text, unique)
    .addColumn('serial', bigint, required)
    .addColumn('digest', text, required)
    .execute()
}
