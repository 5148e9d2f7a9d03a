import type { Kysely } from 'kysely'
import { belongsTo, bigint, createTable, integer, required, text } from './columns.ts'

/** SNMPv3, what is known of a switch's polls, and the names of all its ports, not just of those with machines that talk. */
export async function switches(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  const texts = {
    snmp_user: '',
    snmp_level: 'noAuthNoPriv',
    auth_protocol: 'sha',
    auth_password: '',
    priv_protocol: 'aes',
    priv_password: '',
    trouble: '',
  }
  for (const [name, value] of Object.entries(texts))
    await schema
      .alterTable('switch')
      .addColumn(name, text, column => column.notNull().defaultTo(value))
      .execute()
  await schema.alterTable('switch').addColumn('polled_at_ms', bigint).execute()

  await createTable(db, 'switch_port')
    .addColumn('switch_id', integer, column => belongsTo('switch')(column).notNull())
    .addColumn('port', text, required)
    .addColumn('name', text, required)
    .addUniqueConstraint('switch_port_once', ['switch_id', 'port'])
    .execute()
  await schema.alterTable('learned_mac').dropColumn('port_name').execute()
}
