import { type Kysely, sql } from 'kysely'
import { belongsTo, bigint, createTable, integer, refersTo, required, text, unique } from './columns.ts'

/** Addresses have owners of three kinds from here on; switches know which MAC is behind which of their ports. */
export async function switchesAndDevices(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await createTable(db, 'switch')
    .addColumn('name', text, unique)
    .addColumn('read_community', text, required)
    .addColumn('rw_community', text, required)
    .addColumn('oid', text, required)
    .addColumn('comment', text, required)
    .execute()

  await createTable(db, 'otherdev').addColumn('name', text, unique).addColumn('comment', text, required).execute()

  await createTable(db, 'address')
    .addColumn('address', text, unique)
    .addColumn('network_id', integer, column => refersTo('network')(column).notNull())
    .addColumn('node_id', integer, belongsTo('node'))
    .addColumn('interface_id', integer, refersTo('group_interface'))
    .addColumn('switch_id', integer, column => belongsTo('switch')(column).unique())
    .addColumn('otherdev_id', integer, belongsTo('otherdev'))
    .addUniqueConstraint('address_once_per_interface', ['node_id', 'interface_id', 'network_id'])
    .addUniqueConstraint('address_once_per_otherdev', ['otherdev_id', 'network_id'])
    .addCheckConstraint(
      'address_has_one_owner',
      sql`(case when node_id is null then 0 else 1 end) + (case when switch_id is null then 0 else 1 end)
        + (case when otherdev_id is null then 0 else 1 end) = 1
        and (node_id is null) = (interface_id is null)`,
    )
    .execute()

  await schema.alterTable('node').addColumn('switch_id', integer, refersTo('switch')).execute()
  await schema.alterTable('node').addColumn('port', text).execute()
  await schema.createIndex('node_once_per_port').unique().on('node').columns(['switch_id', 'port']).execute()

  await createTable(db, 'learned_mac')
    .addColumn('switch_id', integer, column => belongsTo('switch')(column).notNull())
    .addColumn('port', text, required)
    .addColumn('port_name', text, required)
    .addColumn('mac', text, required)
    .addColumn('seen_at_ms', bigint, required)
    .addUniqueConstraint('learned_mac_once', ['switch_id', 'port', 'mac'])
    .execute()
  await schema.createIndex('learned_mac_by_mac').on('learned_mac').column('mac').execute()
}
