import { printGoal, printTable } from '../measuring/numbers.ts'
import type { Goal } from './goals.ts'
import type { Prediction } from './prediction.ts'
import { isJudged, type Row } from './row.ts'
import { copySecondsOf, describeScale } from './scale.ts'

const two = (figure: number | undefined): string => figure?.toFixed(2) ?? ''
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`

/** @param rows of one scale */
export function printRows(rows: readonly Row[]): void {
  const { scale } = rows[0]!
  const shaped = scale.bitsPerSecond !== undefined
  console.log(describeScale(scale))
  const times = shaped ? ['last / (S/R)', 'p90', 'p50', 'copies', 'framed'] : ['MB/s']
  const head = ['engine', ...times, 'head CPU s/GB', 'node CPU s/GB', 'busy', '']
  printTable([head, ...rows.map(shaped ? shapedCells : unshapedCells)])
  for (const { engine, failure } of rows) if (failure) console.log(`  ${engine}: ${failure}`)
}

function shapedCells(row: Row): string[] {
  const { engine, scale, figures } = row
  if (!figures) return [engine, 'failed']
  const unit = copySecondsOf(scale)
  const { p90Seconds, p50Seconds, ratio, copies, framedCopies } = figures
  const cells = [ratio, p90Seconds / unit, p50Seconds / unit, copies, framedCopies].map(two)
  return [engine, ...cells, ...costCells(row)]
}

function unshapedCells(row: Row): string[] {
  const { engine, scale, figures } = row
  if (!figures) return [engine, 'failed']
  return [engine, (scale.sizeBytes / 1e6 / figures.lastSeconds).toFixed(0), ...costCells(row)]
}

function costCells(row: Row): string[] {
  const { headCpuPerGb, nodeCpuPerGb, busy } = row.figures!
  if (row.extrapolatedFrom !== undefined) return ['', '', '', `extrapolated from N = ${row.extrapolatedFrom}`]
  return [two(headCpuPerGb), two(nodeCpuPerGb), percent(busy), isJudged(row) ? '' : 'too busy to judge']
}

export function printPredictions(predictions: readonly Prediction[]): void {
  if (predictions.length === 0) return
  const { framing, startSeconds } = predictions[0]!
  console.log(
    `Luna beside the simulator; framing ${framing.toFixed(3)} and start-up ${two(startSeconds)} s as with one node`,
  )
  printTable([
    ['nodes', 'simulated', '+ framing + start-up', 'measured', 'difference'],
    ...predictions.map(({ nodes, simulatedRatio, predictedRatio, measuredRatio, difference }) => [
      ...[`${nodes}`, ...[simulatedRatio, predictedRatio, measuredRatio].map(two)],
      `${(100 * difference).toFixed(1)} %`,
    ]),
  ])
}

export function printGoals(goals: readonly Goal[]): void {
  for (const { what, figure, most, met } of goals) printGoal(what, two(figure), `<= ${most}`, met)
}
