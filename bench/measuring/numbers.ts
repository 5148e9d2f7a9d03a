import { columns } from '../../src/cli/columns.ts'

export const medianOf = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

/** @param share 0.99 for the 99th percentile */
export const percentileOf = (numbers: readonly number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))]!

/** The first column is words, the others are figures. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const right = new Set(rows[0]!.keys().drop(1))
  for (const line of columns(rows, right)) console.log(`  ${line}`)
}

/** @param met undefined: what was measured says nothing about it */
export function printGoal(what: string, figure: string, goal: string, met: boolean | undefined): void {
  const verdict = met === undefined ? 'unsure' : met ? 'met   ' : 'MISSED'
  console.log(`  ${verdict}  ${what}: ${figure} (goal: ${goal})`)
}
