import type { Kysely } from 'kysely'
import { integer, text } from './columns.ts'

/** Which DHCP server is configured, and whether two heads share the work. */
export async function dhcp(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema
    .alterTable('cluster')
    .addColumn('dhcp_server', text, column => column.notNull().defaultTo('isc'))
    .execute()
  await schema
    .alterTable('cluster')
    .addColumn('native_dhcp_ha', integer, column => column.notNull().defaultTo(0))
    .execute()
}
