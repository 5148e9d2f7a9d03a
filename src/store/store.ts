import { setTimeout as sleep } from 'node:timers/promises'
import { CamelCasePlugin, Kysely, type Transaction } from 'kysely'
import type { DatabaseUrl } from '../domain/database-url.ts'
import type { Database, StoreOptions } from './database.ts'
import { migrate } from './migrate.ts'
import type { Schema } from './schema.ts'

/** A transaction: what every function of this room takes first. */
export type Tx = Transaction<Schema>

/**
 * Where the cluster is kept. The command line and the daemons open it side by side. What is given to `read` and `write` may be called
 * again from its beginning when the database's server was away, so it keeps what it finds to itself.
 */
export interface Store {
  /** Several queries over one state of the database. */
  read<T>(use: (tx: Tx) => Promise<T>): Promise<T>
  /** All or nothing, one writer at a time. Never holds an effect: it blocks every other writer. */
  write<T>(use: (tx: Tx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Opens the database and brings its schema up to date. */
export async function openStore(url: DatabaseUrl, options: StoreOptions = {}): Promise<Store> {
  const database = await findDatabase(url, options)
  const db = new Kysely<Schema>({ dialect: database.dialect, plugins: [...database.plugins, new CamelCasePlugin()] })
  const run = <T>(work: () => Promise<T>) => explained(database, () => patiently(database, work))
  try {
    await run(() => migrate(db, database, options))
  } catch (error) {
    await db.destroy()
    throw error
  }
  return {
    read: use => run(() => db.transaction().setAccessMode('read only').execute(use)),
    write: use => run(() => db.transaction().execute(use)),
    close: () => db.destroy(),
  }
}

/** Each is loaded where it is used: a command with SQLite starts no later for the other. */
async function findDatabase(url: DatabaseUrl, options: StoreOptions): Promise<Database> {
  if (url.kind === 'sqlite') return (await import('./sqlite.ts')).sqlite(url.path, options)
  return (await import('./postgresql.ts')).postgresql(url, options)
}

const firstPauseMs = 50
const longestPauseMs = 1000

async function patiently<T>({ isPassing, patienceMs }: Database, work: () => Promise<T>): Promise<T> {
  const endMs = Date.now() + patienceMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error) || Date.now() + pauseMs > endMs) throw error
    }
    await sleep(pauseMs)
  }
}

async function explained<T>({ explain }: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw explain(error) ?? error
  }
}
