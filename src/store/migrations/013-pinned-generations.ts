import type { Kysely } from 'kysely'
import { integer, refersTo } from './columns.ts'

/** Groups and nodes that get another generation than the current one, and the one that a few nodes try. */
export async function pinnedGenerations(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  for (const table of ['node_group', 'node'])
    await schema.alterTable(table).addColumn('pack_id', integer, refersTo('pack')).execute()
  await schema.createIndex('node_by_pack').on('node').column('pack_id').execute()
  await schema.alterTable('osimage').addColumn('canary_id', integer).execute()
}
