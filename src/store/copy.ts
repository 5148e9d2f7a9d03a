import type { Transaction } from 'kysely'
import { LunaError } from '../errors.ts'
import { findLastId, setLastId } from './row-numbers.ts'
import type { Tx } from './store.ts'
import { tables } from './tables.ts'

/** Rows read and written at a time; a database takes 32,766 values in one query at least. */
const batchSize = 500

type Row = { id: number } & Readonly<Record<string, unknown>>
/** Rows are copied as they are, whatever their columns. */
type AnyTx = Transaction<Record<string, Row>>

/** How far it is: rows of all tables. */
export type Watch = (phase: 'copy' | 'compare', doneRows: number, totalRows: number) => void

/**
 * Copies every row of every table into tables that are empty, their numbers too, and reads all of it back to compare.
 * @returns the number of rows
 * @throws LunaError conflict when the tables are not empty
 */
export async function copyEverything(from: Tx, to: Tx, watch: Watch): Promise<number> {
  const [source, target] = [from, to] as unknown as [AnyTx, AnyTx]
  if ((await countRows(target)) > 0)
    throw new LunaError('conflict', 'the database to copy to holds a cluster already; nothing was copied')
  const total = await countRows(source)
  let done = 0
  for (const table of tables) {
    for await (const rows of readBatches(source, table)) {
      await target.insertInto(table).values(rows).execute()
      done += rows.length
      watch('copy', done, total)
    }
    const last = await findLastId(from, table)
    if (last !== undefined) await setLastId(to, table, last)
  }
  await compare(source, target, (rows: number) => watch('compare', rows, total))
  return total
}

async function compare(source: AnyTx, target: AnyTx, watch: (doneRows: number) => void): Promise<void> {
  let done = 0
  for (const table of tables) {
    const copies = readBatches(target, table)
    for await (const rows of readBatches(source, table)) {
      const { value = [] } = await copies.next()
      const wrong = rows.find((row, index) => !isSame(row, value[index]))
      if (wrong || value.length !== rows.length) throw notSame(table, wrong?.id)
      done += rows.length
      watch(done)
    }
    if (!(await copies.next()).done) throw notSame(table)
  }
}

function isSame(row: Row, copy: Row | undefined): boolean {
  const columns = Object.keys(row)
  return (
    copy !== undefined &&
    columns.length === Object.keys(copy).length &&
    columns.every(column => row[column] === copy[column])
  )
}

const notSame = (table: string, id?: number) =>
  new LunaError(
    'failed',
    `table ${table} is not the same in the copy${id === undefined ? '' : ` (row ${id})`}; nothing was copied`,
  )

async function countRows(tx: AnyTx): Promise<number> {
  let rows = 0
  for (const table of tables) {
    const { count } = await tx
      .selectFrom(table)
      .select(eb => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    rows += count
  }
  return rows
}

/** In the order of their numbers. */
async function* readBatches(tx: AnyTx, table: string): AsyncGenerator<Row[], undefined> {
  let last = 0
  for (;;) {
    const query = tx.selectFrom(table).selectAll().where('id', '>', last).orderBy('id').limit(batchSize)
    const rows = (await query.execute()) as Row[]
    if (rows.length === 0) return
    yield rows
    last = rows.at(-1)!.id
  }
}
