import type { Kysely } from 'kysely'
import { required, text } from './columns.ts'

/** Who gave bad pieces in a storm: `NAME=NODES,NAME=NODES`. */
export async function badSenders(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('storm')
    .addColumn('bad_senders', text, column => required(column).defaultTo(''))
    .execute()
}
