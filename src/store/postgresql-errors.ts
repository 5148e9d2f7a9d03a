import { nameDatabase, type PostgresqlUrl } from '../domain/database-url.ts'
import { type ErrorKind, LunaError } from '../errors.ts'
import { messages } from './database.ts'

export type Host = PostgresqlUrl['hosts'][number]

/** What the server answered (PostgreSQL manual, appendix A), or what became of the connection. */
interface Failure {
  code?: string
  message?: string
  severity?: string
  table_name?: string
  detail?: string
  /** The host on which a connection failed. */
  triedHost?: Host
}

/** A server that only follows another. */
export const standbyCode = 'LUNA_STANDBY'

export const connectionError = (code: string, message: string): Error => Object.assign(new Error(message), { code })

/** Connections that were never made, or broke: codes of libuv and of the client. */
const connectionCodes = new Map([
  ['ECONNREFUSED', 'nothing listens there; is PostgreSQL running?'],
  ['ENOENT', 'there is no such socket; is PostgreSQL running?'],
  ['EACCES', 'this user may not use the socket'],
  ['ENOTFOUND', 'no such host is known'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up now'],
  ['EHOSTUNREACH', 'no way leads there'],
  ['ENETUNREACH', 'no way leads there'],
  ['ETIMEDOUT', 'it does not answer'],
  ['CONNECT_TIMEOUT', 'it does not answer'],
  ['ECONNRESET', 'it closed the connection'],
  ['EPIPE', 'it closed the connection'],
  ['CONNECTION_CLOSED', 'it closed the connection'],
  ['CONNECTION_ENDED', 'it closed the connection'],
  ['CONNECTION_DESTROYED', 'it closed the connection'],
  [standbyCode, 'it is a standby, and a primary is needed'],
])
/** Those that waiting does not mend. */
const lastingCodes = ['ENOTFOUND', 'EACCES']
/** Shutdowns, crashes, starts; a primary that was demoted; too many sessions; transactions in each other's way. */
const passingStates = ['57P01', '57P02', '57P03', '25006', '53300', '40001', '40P01']

/** Whether the session is of no use any more. */
export function isLost(error: unknown): boolean {
  const { code = '', severity } = error as Failure
  return connectionCodes.has(code) || severity === 'FATAL' || severity === 'PANIC' || code === '25006'
}

export function isPassing(error: unknown): boolean {
  const { code = '' } = error as Failure
  return passingStates.includes(code) || (connectionCodes.has(code) && !lastingCodes.includes(code))
}

export const isMissingTable = (error: unknown): boolean => (error as Failure).code === '42P01'

/** Of the errors of all hosts: what a server said itself, then that there is a standby, then that one is not to be reached. */
export function mostTelling(errors: readonly unknown[]): unknown {
  const rank = ({ code = '' }: Failure) => (code === standbyCode ? 1 : connectionCodes.has(code) ? 2 : 0)
  return errors.toSorted((a, b) => rank(a as Failure) - rank(b as Failure))[0]
}

type Explanation = [kind: ErrorKind, say: (failure: Failure, url: PostgresqlUrl, name: string) => string]

const wayIn = 'look at the url in luna.conf and at pg_hba.conf of the server'

const states: Record<string, Explanation> = {
  '23505': ['conflict', failure => messages.taken(columnOf(failure))],
  '23503': ['inUse', () => messages.needed],
  '55P03': ['conflict', () => messages.busy],
  '40001': ['conflict', () => 'another command was in the way again and again; try again'],
  '40P01': ['conflict', () => 'another command was in the way again and again; try again'],
  '25006': ['failed', (_, __, name) => `the database ${name} takes no changes now; is there a primary?`],
  '57P01': ['failed', (_, __, name) => `the server of the database ${name} is shutting down; nothing was changed`],
  '57P02': [
    'failed',
    (_, __, name) => `the server of the database ${name} crashed and starts again; nothing was changed`,
  ],
  '57P03': ['failed', (_, __, name) => `the server of the database ${name} is starting or stopping; try again`],
  '53300': [
    'failed',
    (_, __, name) => `the server of the database ${name} has no connection left; see its max_connections`,
  ],
  '53100': ['failed', (_, __, name) => `the disk of the database ${name} is full; nothing was changed`],
  '28P01': ['forbidden', (_, url) => `the database server refuses the password of user "${url.user}"; ${wayIn}`],
  '28000': ['forbidden', ({ message }) => `the database server lets this user not in (${message}); ${wayIn}`],
  '42501': [
    'forbidden',
    ({ message }, { database, user = 'USER' }) =>
      `the user of luna.conf is not the owner of the database (${message}); run as postgres: psql -c 'alter database "${database}" owner to ${user}'`,
  ],
  '3D000': [
    'failed',
    (_, { database, user = 'USER' }) =>
      `there is no database "${database}" on the server; run as postgres: createdb -O ${user} ${database}`,
  ],
}

/** `node.name`, as SQLite says it. */
const columnOf = ({ table_name, detail }: Failure): string =>
  `${table_name}.${/^Key \(([^,)]+)/.exec(detail ?? '')?.[1] ?? 'value'}`

/** The error for the administrator; no part of it holds the password. */
export function explainPostgresql(error: unknown, url: PostgresqlUrl): LunaError | undefined {
  const failure = error as Failure
  const { code = '', message, triedHost, severity } = failure
  const name = nameDatabase(url)
  const reason = connectionCodes.get(code)
  if (reason) {
    const where = triedHost ? nameDatabase({ ...url, hosts: [triedHost] }) : name
    return new LunaError('failed', `cannot reach the database ${where}: ${reason}`, { cause: error })
  }
  const state = states[code]
  if (state) return new LunaError(state[0], state[1](failure, url, name), { cause: error })
  // resources, operators, the system itself; certificates
  if (/^(08|53|57|58|XX)...$/.test(code) || severity === 'FATAL' || /CERT|SSL|TLS/.test(code))
    return new LunaError('failed', `the database ${name} fails: ${message}`, { cause: error })
  return undefined
}
