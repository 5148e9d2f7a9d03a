import type { Kysely } from 'kysely'
import { belongsTo, bigint, createTable, integer, required, text } from './columns.ts'

/** What became of many nodes that fetched an image at once, and what of it came by HTTP. */
export async function storms(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema.alterTable('install_event').addColumn('from_web_bytes', bigint).execute()
  await schema.createIndex('boot_by_pack').on('boot').columns(['pack_id', 'created_at_ms']).execute()

  await createTable(db, 'storm')
    .addColumn('osimage', text, required)
    .addColumn('generation', integer, required)
    .addColumn('size_bytes', bigint, required)
    .addColumn('began_at_ms', bigint, required)
    .addColumn('ended_at_ms', bigint, required)
    .addColumn('nodes', integer, required)
    .addColumn('unfinished', integer, required)
    .addColumn('median_ms', bigint, required)
    .addColumn('p90_ms', bigint, required)
    .addColumn('from_head_bytes', bigint, required)
    .addColumn('from_peers_bytes', bigint, required)
    .addColumn('from_web_bytes', bigint, required)
    .execute()

  await createTable(db, 'storm_node')
    .addColumn('storm_id', integer, column => belongsTo('storm')(column).notNull())
    .addColumn('node', text, required)
    .addColumn('began_at_ms', bigint, required)
    .addColumn('ended_at_ms', bigint)
    .addColumn('tries', integer, required)
    .addColumn('from_head_bytes', bigint, required)
    .addColumn('from_peers_bytes', bigint, required)
    .addColumn('from_web_bytes', bigint, required)
    .addColumn('message', text)
    .execute()
  await schema.createIndex('node_of_storm').on('storm_node').column('storm_id').execute()
}
