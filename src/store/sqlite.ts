import { accessSync, constants } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
  type TransactionSettings,
} from 'kysely'
import { type ErrorKind, LunaError } from '../errors.ts'
import { type Database, messages, type StoreOptions } from './database.ts'

/** node:sqlite as Kysely's SqliteDialect wants it. */
function adapt(path: string, { busyTimeoutMs = 20_000, mayLoseLatest = false }: StoreOptions): SqliteDatabase {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true })
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(`PRAGMA synchronous = ${mayLoseLatest ? 'NORMAL' : 'FULL'}`)
  return { close: () => database.close(), prepare: keepingLatest(sql => toStatement(database.prepare(sql))) }
}

const toStatement = (statement: StatementSync): SqliteStatement => ({
  reader: statement.columns().length > 0,
  all: parameters => statement.all(...(parameters as SQLInputValue[])),
  run: parameters => statement.run(...(parameters as SQLInputValue[])),
  iterate: parameters => statement.iterate(...(parameters as SQLInputValue[])) as IterableIterator<unknown>,
})

/** Statements kept: those of a discovery are 30, and lists of names make new ones without end. */
const mostKept = 200

/** A statement costs more to compile than to run (bench/discovery.ts). */
function keepingLatest(prepare: (sql: string) => SqliteStatement): (sql: string) => SqliteStatement {
  const kept = new Map<string, SqliteStatement>()
  return sql => {
    const statement = kept.get(sql) ?? prepare(sql)
    kept.delete(sql) // a Map keeps the order of insertion: the first is the one not used for longest
    kept.set(sql, statement)
    if (kept.size > mostKept) kept.delete(kept.keys().next().value!)
    return statement
  }
}

/**
 * Takes the write lock at the start of a transaction that may write. A transaction that reads first and then wants to write would
 * otherwise fail at once with SQLITE_BUSY_SNAPSHOT when another process wrote in between (sqlite.org/isolation.html).
 */
class ImmediateDriver extends SqliteDriver {
  #reads = false

  override async beginTransaction(connection: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    const reads = settings?.accessMode === 'read only'
    if (reads !== this.#reads) await connection.executeQuery(CompiledQuery.raw(`pragma query_only = ${reads ? 1 : 0}`))
    this.#reads = reads
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

/** The file at `path`. */
export function sqlite(path: string, options: StoreOptions): Database {
  checkAccess(path, options.create ?? false)
  const open = () => {
    try {
      return adapt(path, options)
    } catch (error) {
      throw new LunaError('failed', `cannot open the database ${path}: ${(error as Error).message}`, { cause: error })
    }
  }
  return {
    dialect: new ImmediateDialect(open),
    plugins: [],
    name: path,
    patienceMs: 0,
    isPassing: () => false, // SQLite itself waits for the others
    isMissingTable: error => /^no such table/.test((error as Error).message),
    explain,
    checkNew: async () => {},
  }
}

/** SQLite's extended result codes (sqlite.org/rescode.html). Operations check first and say it better; this is for two at once. */
const codes: Record<number, [ErrorKind, (column: string) => string]> = {
  2067: ['conflict', messages.taken],
  1555: ['conflict', messages.taken],
  787: ['inUse', () => messages.needed],
  1811: ['inUse', () => messages.needed],
  5: ['conflict', () => messages.busy],
  8: ['forbidden', () => 'the database cannot be written by this user; run the command as root'],
  10: ['failed', () => 'the disk of the database fails; nothing was changed; see: dmesg'],
  11: ['failed', () => 'the database is damaged; restore it from a copy'],
  13: ['failed', () => 'no space is left on the device of the database; nothing was changed'],
  14: ['failed', () => 'the database cannot be opened any more; was its directory moved or deleted?'],
  26: ['failed', () => 'the database is not a database of SQLite; restore it from a copy'],
}

function explain(error: unknown): LunaError | undefined {
  const { errcode, message } = error as { errcode?: number; message?: string }
  const explained = errcode === undefined ? undefined : (codes[errcode] ?? codes[errcode & 0xff])
  if (!explained) return undefined
  const [kind, say] = explained
  return new LunaError(kind, say(/failed: (\S+)/.exec(message ?? '')?.[1] ?? 'a value'), { cause: error })
}

/** SQLite would say "unable to open database file" of all of these. */
function checkAccess(path: string, create: boolean): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && create) return
    if (code === 'ENOENT') throw new LunaError('notReady', messages.noCluster(`no ${path}`))
    if (code === 'EACCES')
      throw new LunaError('forbidden', `this user may not use the database ${path}; run the command as root`)
    throw new LunaError('failed', `cannot open the database ${path}: ${message}`, { cause: error })
  }
}
