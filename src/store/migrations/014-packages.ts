import type { Kysely } from 'kysely'
import { text } from './columns.ts'

/** Where the list of a generation's packages is. */
export async function packages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('pack')
    .addColumn('packages_file', text, column => column.notNull().defaultTo(''))
    .execute()
}
