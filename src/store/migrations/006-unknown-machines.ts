import type { Kysely } from 'kysely'
import { belongsTo, bigint, createTable, integer, required, text, unique } from './columns.ts'

/** Machines that asked to boot and are no node's yet. */
export async function unknownMachines(db: Kysely<unknown>): Promise<void> {
  await createTable(db, 'machine')
    .addColumn('address', text, required)
    .addColumn('serial', text, required)
    .addColumn('asset', text, required)
    .addColumn('uuid', text, required)
    .addColumn('manufacturer', text, required)
    .addColumn('product', text, required)
    .addColumn('first_seen_at_ms', bigint, required)
    .addColumn('arrived_at_ms', bigint, required)
    .addColumn('last_seen_at_ms', bigint, required)
    .addColumn('asked', bigint, required)
    .execute()
  await db.schema.createIndex('machine_by_last_seen').on('machine').column('last_seen_at_ms').execute()
  await db.schema.createIndex('machine_by_address').on('machine').column('address').execute()

  await createTable(db, 'machine_mac')
    .addColumn('machine_id', integer, column => belongsTo('machine')(column).notNull())
    .addColumn('position', integer, required)
    .addColumn('mac', text, unique)
    .execute()
  await db.schema.createIndex('mac_of_machine').on('machine_mac').column('machine_id').execute()
}
