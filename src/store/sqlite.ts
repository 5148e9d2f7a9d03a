import { accessSync, constants } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type TransactionSettings,
} from 'kysely'
import { LunaError } from '../errors.ts'

export interface SqliteOptions {
  /** Makes the file when it is not there. */
  create?: boolean
  /** How long a write waits for another process's write. */
  busyTimeoutMs?: number
}

/** node:sqlite as Kysely's SqliteDialect wants it. */
function adapt(path: string, busyTimeoutMs: number): SqliteDatabase {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true })
  database.exec('PRAGMA journal_mode = WAL')
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        reader: statement.columns().length > 0,
        all: parameters => statement.all(...(parameters as SQLInputValue[])),
        run: parameters => statement.run(...(parameters as SQLInputValue[])),
        iterate: parameters => statement.iterate(...(parameters as SQLInputValue[])) as IterableIterator<unknown>,
      }
    },
  }
}

/**
 * Takes the write lock at the start of a transaction that may write. A transaction that reads first and then wants to write would
 * otherwise fail at once with SQLITE_BUSY_SNAPSHOT when another process wrote in between (sqlite.org/isolation.html).
 */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    const reads = settings?.accessMode === 'read only'
    await connection.executeQuery(CompiledQuery.raw(`pragma query_only = ${reads ? 1 : 0}`))
    await connection.executeQuery(CompiledQuery.raw(reads ? 'begin' : 'begin immediate'))
  }

  /** A full or failing disk has SQLite roll back by itself (sqlite.org/lang_transaction.html); that error is the one to be seen. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await super.rollbackTransaction(connection)
    } catch (error) {
      if (!/no transaction is active/.test((error as Error).message)) throw error
    }
  }
}

class ImmediateDialect extends SqliteDialect {
  readonly #database: () => SqliteDatabase

  constructor(open: () => SqliteDatabase) {
    super({ database: async () => open() })
    this.#database = open
  }

  override createDriver(): Driver {
    return new ImmediateDriver({ database: async () => this.#database() })
  }
}

/** The dialect of the file at `path`; `create` and the time to wait are as `openStore` says. */
export function sqliteDialect(path: string, { create = false, busyTimeoutMs = 20_000 }: SqliteOptions): SqliteDialect {
  checkAccess(path, create)
  return new ImmediateDialect(() => {
    try {
      return adapt(path, busyTimeoutMs)
    } catch (error) {
      throw new LunaError('failed', `cannot open the database ${path}: ${(error as Error).message}`, { cause: error })
    }
  })
}

/** SQLite would say "unable to open database file" of all of these. */
function checkAccess(path: string, create: boolean): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && create) return
    if (code === 'ENOENT')
      throw new LunaError(
        'notReady',
        `there is no cluster yet (no ${path}); run: luna cluster init --frontend_address ADDRESS`,
      )
    if (code === 'EACCES')
      throw new LunaError('forbidden', `this user may not use the database ${path}; run the command as root`)
    throw new LunaError('failed', `cannot open the database ${path}: ${message}`, { cause: error })
  }
}
