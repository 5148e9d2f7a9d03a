/**
 * Rows that one statement takes: databases bound its parameters (SQLite 32,766, PostgreSQL 65,535), and those of a full chunk are all the
 * same to the database, which compiles them once.
 */
export const rowsInStatement = 500

/** The items in pieces that one statement takes. */
export const chunksOf = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / rowsInStatement) }, (_, index) =>
    items.slice(index * rowsInStatement, (index + 1) * rowsInStatement),
  )
