import { existsSync } from 'node:fs'
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

/** How long a write waits for another process's write. */
const busyTimeoutMs = 20_000

/** node:sqlite as Kysely's SqliteDialect wants it. */
function adapt(path: string): SqliteDatabase {
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
    const begin = settings?.accessMode === 'read only' ? 'begin' : 'begin immediate'
    await connection.executeQuery(CompiledQuery.raw(begin))
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

/** Opens the file, which must exist unless `create` is said. */
export function sqliteDialect(path: string, create: boolean): SqliteDialect {
  if (!create && !existsSync(path))
    throw new LunaError(
      'notReady',
      `there is no cluster yet (no ${path}); run: luna cluster init --frontend_address ADDRESS`,
    )
  return new ImmediateDialect(() => {
    try {
      return adapt(path)
    } catch (error) {
      throw new LunaError('failed', `cannot open the database ${path}: ${(error as Error).message}`, { cause: error })
    }
  })
}
