import { PostgresAdapter, sql } from 'kysely'
import type { Schema } from './schema.ts'
import type { Tx } from './store.ts'

/**
 * The highest number that a row of the table ever had. It is never given again, not even when that row is gone: generations of images
 * are files by that number. Undefined for a table that gives out none, and before the first.
 */
export async function findLastId(tx: Tx, table: keyof Schema): Promise<number | undefined> {
  if (!onPostgresql(tx)) {
    const { rows } = await sql<{ seq: number }>`select seq from sqlite_sequence where name = ${inSql(table)}`.execute(
      tx,
    )
    return rows[0]?.seq
  }
  const sequence = await findSequence(tx, table)
  if (sequence === undefined) return undefined
  const { rows } = await sql<{ last: number; used: boolean }>`
    select last_value as last, is_called as used from ${sql.raw(sequence)}`.execute(tx)
  return rows[0]?.used ? rows[0].last : undefined
}

export async function setLastId(tx: Tx, table: keyof Schema, id: number): Promise<void> {
  if (onPostgresql(tx)) {
    const sequence = await findSequence(tx, table)
    await sql`select setval(${sequence}, ${id})`.execute(tx)
    return
  }
  await sql`delete from sqlite_sequence where name = ${inSql(table)}`.execute(tx)
  await sql`insert into sqlite_sequence (name, seq) values (${inSql(table)}, ${id})`.execute(tx)
}

async function findSequence(tx: Tx, table: keyof Schema): Promise<string | undefined> {
  const { rows } = await sql<{ name: string | null }>`
    select pg_get_serial_sequence(${`"${inSql(table)}"`}, 'id') as name`.execute(tx)
  return rows[0]?.name ?? undefined
}

const onPostgresql = (tx: Tx): boolean => tx.getExecutor().adapter instanceof PostgresAdapter

/** As CamelCasePlugin writes it. */
const inSql = (table: string): string => table.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
