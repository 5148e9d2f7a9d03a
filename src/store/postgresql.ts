import {
  type DatabaseConnection,
  type DataTypeNode,
  type Dialect,
  type Driver,
  HandleEmptyInListsPlugin,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  replaceWithNoncontingentExpression,
  sql,
  type TransactionSettings,
} from 'kysely'
import { nameDatabase, type PostgresqlUrl } from '../domain/database-url.ts'
import { LunaError } from '../errors.ts'
import type { Database, StoreOptions } from './database.ts'
import { explainPostgresql, isMissingTable, isPassing } from './postgresql-errors.ts'
import { connectToPrimary, type Session } from './postgresql-session.ts'
import type { Schema } from './schema.ts'

/** A restart of the only server is waited for, and with several the choice of another primary. */
const patience = { oneMs: 3000, severalMs: 30_000 }
/** Sessions of one process: a daemon's requests beyond wait. */
const mostSessions = 8

/** The database of a PostgreSQL server, or of whichever is the primary of several. */
export function postgresql(url: PostgresqlUrl, options: StoreOptions): Database {
  const { busyTimeoutMs = 20_000, patienceMs = url.hosts.length === 1 ? patience.oneMs : patience.severalMs } = options
  const name = nameDatabase(url)
  return {
    dialect: createDialect(() => connectToPrimary(url, busyTimeoutMs)),
    // `in ()`, which SQLite knows
    plugins: [new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })],
    name,
    patienceMs,
    isPassing,
    isMissingTable,
    explain: error => explainPostgresql(error, url),
    checkNew,
  }
}

/** Texts of the cluster are Unicode; other encodings could not hold every comment and script. */
async function checkNew(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ serverEncoding: string }>`show server_encoding`.execute(db)
  const encoding = rows[0]?.serverEncoding
  if (encoding === 'UTF8') return
  throw new LunaError(
    'failed',
    `the database has the encoding ${encoding}; make it anew with: createdb --encoding=UTF8 --template=template0`,
  )
}

const createDialect = (connect: () => Promise<Session>): Dialect => ({
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => new PostgresqlDriver(connect),
  createIntrospector: db => new PostgresIntrospector(db),
  createQueryCompiler: () => new Compiler(),
})

/** Texts compare byte by byte, as SQLite's do, whatever the database's locale is. */
class Compiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node)
    if (node.dataType === 'text' && this.parentNode?.kind === 'ColumnDefinitionNode') this.append(' collate "C"')
  }
}

/** Sessions are made when they are needed, kept for the next, and thrown away after any trouble. */
class PostgresqlDriver implements Driver {
  readonly #connect: () => Promise<Session>
  readonly #idle: Session[] = []
  readonly #waiting: (() => void)[] = []
  #count = 0

  constructor(connect: () => Promise<Session>) {
    this.#connect = connect
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    while (this.#count >= mostSessions && this.#idle.length === 0)
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    for (let session = this.#idle.pop(); session; session = this.#idle.pop()) {
      if (session.isUsable) return session
      await this.#forget(session)
    }
    this.#count++
    try {
      return await this.#connect()
    } catch (error) {
      this.#leave()
      throw error
    }
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    const session = connection as Session
    if (!session.isUsable) return this.#forget(session)
    this.#idle.push(session)
    this.#waiting.shift()?.()
  }

  async #forget(session: Session): Promise<void> {
    this.#leave()
    await session.end()
  }

  #leave(): void {
    this.#count--
    this.#waiting.shift()?.()
  }

  async destroy(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(session => session.end()))
  }

  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return (connection as Session).begin(settings.accessMode !== 'read only')
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return (connection as Session).commit()
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return (connection as Session).rollback()
  }
}
