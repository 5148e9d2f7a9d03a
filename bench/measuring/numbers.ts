export const medianOf = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

/** @param share 0.99 for the 99th percentile */
export const percentileOf = (numbers: readonly number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))]!

/** Columns as wide as they need to be; the first to the left, figures to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
  return rows.map(row => `  ${row.map(pad).join('  ')}`).join('\n')
}

/** `add: 1.61 (goal: at most 4) met` */
export const formatGoal = (what: string, figure: string, goal: string, met: boolean): string =>
  `  ${met ? 'met   ' : 'MISSED'}  ${what}: ${figure} (goal: ${goal})`
