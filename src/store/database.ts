import type { Dialect, Kysely, KyselyPlugin } from 'kysely'
import type { LunaError } from '../errors.ts'
import type { Schema } from './schema.ts'

/** What differs between the two databases: everything else in this room is the same for both. */
export interface Database {
  /** How queries are written and sent, and how transactions begin: one that may write keeps all other writers out. */
  dialect: Dialect
  /** What queries need to mean the same. */
  plugins: readonly KyselyPlugin[]
  /** As messages name it. */
  name: string
  /** How long what only needs patience is tried again. */
  patienceMs: number
  /** Whether the same may succeed a little later, and nothing of it was done. */
  isPassing(error: unknown): boolean
  /** Whether the database answered that the table is not there. */
  isMissingTable(error: unknown): boolean
  /** The error for the administrator; undefined when it is a bug. */
  explain(error: unknown): LunaError | undefined
  /** Whether a database that is to be filled will do. */
  checkNew(db: Kysely<Schema>): Promise<void>
}

export interface StoreOptions {
  /** Makes the database's file, or its tables, when there are none. */
  create?: boolean
  /** How long a write waits for another's write. */
  busyTimeoutMs?: number
  /** A power failure of the head may take back the latest writes to SQLite, never half of one: lweb's, which machines ask for again. */
  mayLoseLatest?: boolean
  /** How long a server that is away is waited for. */
  patienceMs?: number
}

export const messages = {
  taken: (column: string) => `${column} was taken by another command at the same moment; try again`,
  needed: 'something else needs it, or it was deleted by another command; look again',
  busy: 'the database was busy for too long; is another luna command hanging?',
  noCluster: (place: string) => `there is no cluster yet (${place}); run: luna cluster init --frontend_address ADDRESS`,
}
