import type { Kysely } from 'kysely'
import { integer } from './columns.ts'

export async function seedMemory(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('node_group')
    .addColumn('seed_memory', integer, column => column.notNull().defaultTo(1))
    .execute()
}
