import { CamelCasePlugin, Kysely, type Transaction } from 'kysely'
import { LunaError } from '../errors.ts'
import { migrate } from './migrate.ts'
import type { Schema } from './schema.ts'
import { type SqliteOptions, sqliteDialect } from './sqlite.ts'

/** A transaction: what every function of this room takes first. */
export type Tx = Transaction<Schema>

/** Where the cluster is kept. The command line and the daemons open it side by side. */
export interface Store {
  /** Several queries over one state of the database. */
  read<T>(use: (tx: Tx) => Promise<T>): Promise<T>
  /** All or nothing, one writer at a time. Never holds an effect: it blocks every other writer. */
  write<T>(use: (tx: Tx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Opens the SQLite file at `path` and brings its schema up to date. */
export async function openStore(path: string, options: SqliteOptions = {}): Promise<Store> {
  const db = new Kysely<Schema>({ dialect: sqliteDialect(path, options), plugins: [new CamelCasePlugin()] })
  try {
    await explained(() => migrate(db))
  } catch (error) {
    await db.destroy()
    throw error
  }
  return {
    read: use => explained(() => db.transaction().setAccessMode('read only').execute(use)),
    write: use => explained(() => db.transaction().execute(use)),
    close: () => db.destroy(),
  }
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw explain(error)
  }
}

/** SQLite's extended result codes (sqlite.org/rescode.html). Operations check first and say it better; this is for two at once. */
const codes: Record<number, (column: string) => LunaError> = {
  2067: column => new LunaError('conflict', `${column} was taken by another command at the same moment; try again`),
  1555: column => new LunaError('conflict', `${column} was taken by another command at the same moment; try again`),
  787: () => new LunaError('inUse', 'something else needs it, or it was deleted by another command; look again'),
  1811: () => new LunaError('inUse', 'something else needs it, or it was deleted by another command; look again'),
  5: () => new LunaError('conflict', 'the database was busy for too long; is another luna command hanging?'),
  8: () => new LunaError('forbidden', 'the database cannot be written by this user; run the command as root'),
  10: () => new LunaError('failed', 'the disk of the database fails; nothing was changed; see: dmesg'),
  11: () => new LunaError('failed', 'the database is damaged; restore it from a copy'),
  13: () => new LunaError('failed', 'no space is left on the device of the database; nothing was changed'),
  14: () => new LunaError('failed', 'the database cannot be opened any more; was its directory moved or deleted?'),
  26: () => new LunaError('failed', 'the database is not a database of SQLite; restore it from a copy'),
}

function explain(error: unknown): unknown {
  const { errcode, message } = error as { errcode?: number; message?: string }
  const explained = errcode === undefined ? undefined : (codes[errcode] ?? codes[errcode & 0xff])
  if (!explained) return error
  const column = /failed: (\S+)/.exec(message ?? '')?.[1] ?? 'a value'
  return Object.assign(explained(column), { cause: error })
}
