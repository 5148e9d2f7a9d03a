import { type Kysely, sql } from 'kysely'
import { bigint, integer, text } from './columns.ts'

/** Who made each generation, of which one, when nodes began to get it, and how many of an osimage are kept. */
export async function generations(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  const alterPack = () => schema.alterTable('pack')
  await alterPack()
    .addColumn('packed_by', text, column => column.notNull().defaultTo(''))
    .execute()
  await alterPack().addColumn('made_from', integer).execute()
  await alterPack().addColumn('current_at_ms', bigint).execute()
  await sql`update pack set current_at_ms = created_at_ms where state = 'published'`.execute(db)
  await schema
    .alterTable('osimage')
    .addColumn('keep', integer, column => column.notNull().defaultTo(3))
    .execute()
}
