import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseDatabaseUrl } from '../src/domain/database-url.ts'
import { openStore } from '../src/store/store.ts'

/**
 * The database that tests use. With LUNA_TEST_DATABASE, the url of a PostgreSQL server that may be filled and emptied at will
 * (scripts/with-postgresql starts one), each test has a database of its own there; else it is an SQLite file in the test's directory.
 */
const server = process.env['LUNA_TEST_DATABASE'] || undefined

export const onPostgresql = server !== undefined

/** A database of one test, as url of luna.conf. */
export interface TestDatabase {
  url: string
  /** As it was made. */
  empty(): void
  drop(): void
}

/** One without any table yet; SQLite's file is not there, and its directory may be missing. */
export function createTestDatabase(directory: string): TestDatabase {
  return server === undefined
    ? { url: `sqlite:${join(directory, 'luna.db')}`, empty: () => {}, drop: () => {} }
    : createOnServer(server, randomUUID())
}

function createOnServer(url: string, name: string, template = 'template0'): TestDatabase {
  const ask = (sql: string) => void psql(url, sql)
  const inDatabase = url.replace(/\/[^/?]+(\?|$)/, `/${name}$1`)
  // an order of letters that is not that of bytes: Luna's order must not depend on it
  ask(`create database "${name}" template "${template}" locale_provider icu icu_locale 'en-US'`)
  return {
    url: inDatabase,
    empty: () => void psql(inDatabase, 'drop schema public cascade; create schema public'),
    drop: () => ask(`drop database "${name}" with (force)`),
  }
}

let template: Promise<string> | undefined

/** One that has Luna's tables already, where copying them is faster than making them. */
export async function createMigratedDatabase(directory: string): Promise<TestDatabase> {
  if (server === undefined) return createTestDatabase(directory)
  template ??= createTemplate(server)
  return createOnServer(server, randomUUID(), await template)
}

/** Left to the server's end: other files of tests have templates of their own. */
async function createTemplate(url: string): Promise<string> {
  const name = `template-${randomUUID()}`
  const made = createOnServer(url, name)
  await (await openStore(parseDatabaseUrl(made.url), { create: true })).close()
  return name
}

/** What the query answers, a line for each row. */
export const psql = (url: string, sql: string): string[] =>
  execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', sql, url], { encoding: 'utf8', maxBuffer: 1e9 })
    .split('\n')
    .filter(line => line !== '')

/** Every row of every table of the database. */
export function readRows(url: string): Record<string, unknown[]> {
  return url.startsWith('sqlite:') ? readSqliteRows(url.slice('sqlite:'.length)) : readPostgresqlRows(url)
}

function readSqliteRows(path: string): Record<string, unknown[]> {
  const database = new DatabaseSync(path, { readOnly: true })
  const tables = database.prepare("select name from sqlite_schema where type = 'table' order by name").all()
  const rows = tables.map(({ name }) => [name, database.prepare(`select * from ${name}`).all()])
  database.close()
  return Object.fromEntries(rows)
}

function readPostgresqlRows(url: string): Record<string, unknown[]> {
  const tables = psql(url, "select tablename from pg_tables where schemaname = 'public' order by tablename")
  const parts = tables.map(name => `'${name}', (select coalesce(json_agg(t order by t::text), '[]') from "${name}" t)`)
  return JSON.parse(psql(url, `select json_build_object(${parts.join(', ')})`).join('\n')) as Record<string, unknown[]>
}
