import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as openSocket, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import postgres, { type Options, type PostgresType, type Row, type RowList, type Sql } from 'postgres'
import type { PostgresqlUrl } from '../domain/database-url.ts'
import { LunaError } from '../errors.ts'
import { connectionError, type Host, isLost, mostTelling, standbyCode } from './postgresql-errors.ts'

const connectTimeoutMs = 5000
/** A host that lost its power answers no more and closes nothing; longer than any wait for the lock below. */
const answerTimeoutMs = 30_000
/** The server ends a transaction whose program stands still or whose host is gone, so that no lock outlives it. */
const idleInTransactionMs = 20_000
/** "luna": every writer of the cluster holds this lock of the database for the length of its transaction. */
const writersLock = 0x6c756e61

/**
 * A session with the first of the hosts that turns out to be the primary; all are asked at once, so that a dead head costs nothing.
 * The client's own list of hosts is not used: with none of them in reach it tries for ever and never says so.
 */
export async function connectToPrimary(url: PostgresqlUrl, lockTimeoutMs: number): Promise<Session> {
  const race = new AbortController()
  const attempts = url.hosts.map(host => connect(url, host, lockTimeoutMs, race.signal))
  try {
    return await Promise.any(attempts)
  } catch (error) {
    throw mostTelling((error as AggregateError).errors)
  } finally {
    race.abort()
  }
}

/** One of the hosts; what comes after another was found is thrown away. */
async function connect(url: PostgresqlUrl, host: Host, lockTimeoutMs: number, race: AbortSignal): Promise<Session> {
  const socket = openSocket(placeOf(host))
  const leave = () => socket.destroy()
  socket.on('error', () => {}) // every one is seen by whoever waits
  race.addEventListener('abort', leave)
  try {
    await connected(socket, race)
    const session = new Session(socket, clientOptions(url, host, lockTimeoutMs, socket))
    if (await session.isStandby()) throw connectionError(standbyCode, 'it is a standby')
    race.throwIfAborted()
    race.removeEventListener('abort', leave)
    return session
  } catch (error) {
    socket.destroy()
    throw Object.assign(error as Error, { triedHost: host })
  }
}

const placeOf = ({ host, port }: Host) =>
  host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port, keepAlive: true, noDelay: true }

async function connected(socket: Socket, race: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(connectTimeoutMs)
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([race, timeout]) })
  } catch (error) {
    throw timeout.aborted ? connectionError('ETIMEDOUT', 'it does not answer') : error
  }
}

type Bigints = { bigint: PostgresType<number> }

/** Numbers of 64 bits are times and sizes here, far below 2^53; `count(*)` is one too. */
const bigint = { to: 20, from: [20], parse: Number, serialize: String }

/** One session on the socket that is there already, and none after it. */
function clientOptions(url: PostgresqlUrl, { host, port }: Host, lockTimeoutMs: number, socket: Socket) {
  const { user = userInfo().username, password = '', database } = url
  const options = {
    ...{ host: [host], port: [port], user, password, database },
    ssl: host.startsWith('/') ? false : tlsOptions(url, host),
    ...{ max: 1, max_lifetime: null, idle_timeout: 0, connect_timeout: connectTimeoutMs / 1000, fetch_types: false },
    types: { bigint },
    onnotice: () => {},
    connection: {
      application_name: 'luna',
      lock_timeout: lockTimeoutMs,
      idle_in_transaction_session_timeout: idleInTransactionMs,
    },
    socket() {
      if (!socket.destroyed && !socket.readableEnded) return Object.assign(socket, { host })
      throw connectionError('ECONNRESET', 'it closed the connection')
    },
  }
  return options as unknown as Options<Bigints>
}

function tlsOptions({ sslmode, sslrootcert }: PostgresqlUrl, host: string): Options<Bigints>['ssl'] {
  if (sslmode === 'disable') return false
  if (sslmode !== 'verify-full') return sslmode
  return { ...(sslrootcert === undefined ? {} : { ca: readCertificates(sslrootcert) }), servername: host }
}

function readCertificates(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new LunaError('failed', `cannot read the database's sslrootcert ${path}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** A connection with a server that was the primary when it began. */
export class Session implements DatabaseConnection {
  readonly #socket: Socket
  readonly #client: Sql<{ bigint: number }>
  #writes = false
  #isUsable = true

  constructor(socket: Socket, options: Options<Bigints>) {
    this.#socket = socket
    this.#client = postgres(options)
  }

  /** False once anything went wrong that is not only the query's fault. */
  get isUsable(): boolean {
    return this.#isUsable && !this.#socket.destroyed
  }

  async isStandby(): Promise<boolean> {
    const [row] = await this.#ask('select pg_is_in_recovery() as standby')
    return row!['standby'] === true
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const answer = await this.#ask(sql, [...parameters])
    const changes = /^(INSERT|UPDATE|DELETE)$/.test(answer.command)
    return { rows: [...answer] as R[], ...(changes ? { numAffectedRows: BigInt(answer.count) } : {}) }
  }

  // biome-ignore lint/correctness/useYield: nothing here reads rows one by one
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('rows are not read one by one')
  }

  /**
   * A writer waits for the lock first and sees in each query what was committed before it ("read committed": a snapshot taken before the
   * wait would be an old one); a reader sees one state from its first query to its end.
   */
  async begin(writes: boolean): Promise<void> {
    this.#writes = writes
    const begin = writes
      ? `begin isolation level read committed; select pg_advisory_xact_lock(${writersLock})`
      : 'begin isolation level repeatable read read only'
    await this.#orLeave(this.#ask(begin))
  }

  async commit(): Promise<void> {
    try {
      const { command } = await this.#orLeave(this.#ask('commit'))
      if (command !== 'COMMIT') throw new Error('a query of this transaction failed, and nobody noticed')
    } catch (error) {
      if (!this.#writes || !isLost(error)) throw error
      const message =
        'the connection to the database was lost while the change was being stored; look whether it is there'
      throw new LunaError('failed', message, { cause: error })
    }
  }

  async rollback(): Promise<void> {
    if (this.isUsable) await this.#orLeave(this.#ask('rollback')).catch(() => {})
  }

  async end(): Promise<void> {
    this.#isUsable = false
    await this.#client.end({ timeout: 1 })
    this.#socket.destroy()
  }

  async #ask(sql: string, parameters: unknown[] = []): Promise<RowList<Row[]>> {
    const timer = setTimeout(() => this.#socket.destroy(), answerTimeoutMs)
    try {
      return await this.#client.unsafe(sql, parameters as never[], { prepare: true })
    } catch (error) {
      if (isLost(error)) this.#isUsable = false
      // seen in a transaction that reads, it is Luna's mistake and no server's
      if ((error as { code?: string }).code === '25006' && !this.#writes)
        throw new Error('a reader wrote', { cause: error })
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  async #orLeave<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked
    } catch (error) {
      this.#isUsable = false
      throw error
    }
  }
}
