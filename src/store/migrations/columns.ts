import { type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely, PostgresAdapter } from 'kysely'

export const text = 'text' as const
export const integer = 'integer' as const
/** Milliseconds and sizes outgrow PostgreSQL's integer. */
export const bigint = 'bigint' as const

export const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()
export const unique = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().unique()

/** A column that names a row of another table, which cannot be deleted meanwhile. */
export const refersTo =
  (table: string) =>
  (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
    column.references(`${table}.id`)

/** The same, for rows that go with the row that they name. */
export const belongsTo =
  (table: string) =>
  (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
    column.references(`${table}.id`).onDelete('cascade')

/** A table with a number of its own for each row. */
export function createTable(db: Kysely<unknown>, name: string): CreateTableBuilder<string, 'id'> {
  const numbered = (column: ColumnDefinitionBuilder) =>
    db.getExecutor().adapter instanceof PostgresAdapter
      ? column.primaryKey().generatedByDefaultAsIdentity()
      : column.primaryKey().autoIncrement()
  return db.schema.createTable(name).addColumn('id', integer, numbered)
}
