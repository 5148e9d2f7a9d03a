import type { Prediction } from './prediction.ts'
import { type Figures, isJudged, type Row } from './row.ts'

export interface Goal {
  what: string
  figure: number | undefined
  /** What it may be at most. */
  most: number
  /** Undefined when the machine was too busy, or nothing was measured. */
  met: boolean | undefined
}

/** Luna's figures by the number of nodes, on shaped links. */
const limits: Record<number, Partial<Record<keyof Figures, number>>> = {
  1: { ratio: 1.1, copies: 1.01 },
  8: { ratio: 1.17, framedCopies: 1.06 },
  24: { ratio: 1.2, framedCopies: 1.08 },
}

const words = {
  ratio: 'last completion / (S/R)',
  copies: 'copies from the head',
  framedCopies: 'copies from the head with the headers of all frames',
  lastSeconds: 'last completion',
  headCpuPerGb: 'CPU of the head per GB sent',
  nodeCpuPerGb: 'CPU of a node per GB',
} as const
type Judged = keyof typeof words

const goalOf = (what: string, figure: number | undefined, most: number, judged: boolean): Goal => ({
  what,
  figure,
  most,
  met: judged && figure !== undefined ? figure <= most : undefined,
})

/** @param rows of one scale */
export function judge(rows: readonly Row[]): Goal[] {
  const luna = rows.find(row => row.engine === 'luna')
  if (!luna) return []
  const { nodes, bitsPerSecond } = luna.scale
  if (bitsPerSecond === undefined)
    return [
      ...against(luna, rows, 'libtorrent', 'headCpuPerGb', 1),
      ...against(luna, rows, 'aria2', 'nodeCpuPerGb', 1.3),
    ]
  const own = Object.entries(limits[nodes] ?? {}).map(([name, most]) =>
    goalOf(`N = ${nodes}, ${words[name as Judged]}`, luna.figures?.[name as Judged], most, isJudged(luna)),
  )
  return nodes === 1 ? [...own, ...against(luna, rows, 'curl', 'lastSeconds', 1.03)] : own
}

/** Luna's over another engine's in the same run. */
function against(luna: Row, rows: readonly Row[], engine: string, name: Judged, most: number): Goal[] {
  const other = rows.find(row => row.engine === engine)
  if (!other) return []
  const [ours, theirs] = [luna.figures?.[name], other.figures?.[name]]
  const quotient = ours !== undefined && theirs !== undefined ? ours / theirs : undefined
  const what = `N = ${luna.scale.nodes}, ${words[name]} over ${engine}'s`
  return [goalOf(what, quotient, most, isJudged(luna) && isJudged(other))]
}

export const judgePrediction = ({ nodes, difference }: Prediction, row: Row): Goal =>
  goalOf(
    `N = ${nodes}, what was measured beside what was simulated: difference`,
    Math.abs(difference),
    0.1,
    isJudged(row),
  )
