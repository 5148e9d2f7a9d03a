import { type Kysely, sql } from 'kysely'
import { LunaError } from '../errors.ts'
import { type Database, messages, type StoreOptions } from './database.ts'
import { migrations } from './migrations.ts'
import type { Schema } from './schema.ts'

/** Applies the migrations that the database lacks, each in one transaction; two processes at once do no harm. */
export async function migrate(db: Kysely<Schema>, database: Database, { create = false }: StoreOptions): Promise<void> {
  const known = migrations.map(migration => migration.name)
  const done = await appliedSoFar(db, database)
  const foreign = done.find(name => !known.includes(name))
  if (foreign)
    throw new LunaError('failed', `the database is of a newer Luna (it has ${foreign}); update this one first`)
  if (done.length === known.length) return
  if (done.length === 0) {
    if (!create) throw new LunaError('notReady', messages.noCluster(`nothing in ${database.name}`))
    await database.checkNew(db)
  }
  await db.transaction().execute(async tx => {
    await sql`create table if not exists migration (name text primary key)`.execute(tx)
    const present = await applied(tx)
    for (const { name, up } of migrations) {
      if (present.includes(name)) continue
      await up(tx.withoutPlugins() as unknown as Kysely<unknown>)
      await sql`insert into migration (name) values (${name})`.execute(tx)
    }
  })
}

async function applied(db: Kysely<Schema>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from migration order by name`.execute(db)
  return rows.map(row => row.name)
}

/** The same for a database that may be empty. */
async function appliedSoFar(db: Kysely<Schema>, { isMissingTable }: Database): Promise<string[]> {
  try {
    return await applied(db)
  } catch (error) {
    if (isMissingTable(error)) return []
    throw error
  }
}
