import type { Kysely } from 'kysely'
import { integer, text } from './columns.ts'

export async function clusterSettings(db: Kysely<unknown>): Promise<void> {
  const add = (name: string, type: typeof integer | typeof text, value: number | string) =>
    db.schema
      .alterTable('cluster')
      .addColumn(name, type, column => column.notNull().defaultTo(value))
      .execute()
  await add('cluster_ips', text, '')
  await add('frontend_https', integer, 0)
  await add('lweb_num_proc', integer, 0)
  await add('lweb_pidfile', text, '')
  await add('torrent_pidfile', text, '')
}
