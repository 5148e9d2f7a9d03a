/** Columns as wide as their widest cell; `right` are the columns of numbers. */
export function columns(rows: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  return rows.map(row =>
    row
      .map((cell, column) => (right.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
}

export const formatMib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

export const formatSeconds = (ms: number): string => `${Math.round(ms / 1000)} s`
