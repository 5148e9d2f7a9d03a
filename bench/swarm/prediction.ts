import { nodeSettings } from './node-settings.ts'
import type { Row } from './row.ts'
import { copySecondsOf } from './scale.ts'
import { simulateSwarm } from './simulator.ts'

/** What the simulator says that a row's last completion takes, beside what it took. */
export interface Prediction {
  nodes: number
  simulatedRatio: number
  /** Bytes with all headers for a byte of the image, and what passes before the first of them: both as they were with one node. */
  framing: number
  startSeconds: number
  predictedRatio: number
  measuredRatio: number
  /** By how much the measured is more. */
  difference: number
}

/** The simulator knows neither headers nor how long programs take to start: both are taken from the run with one node. */
export function predict(one: Row, row: Row): Prediction {
  const { nodes, sizeBytes, pieceLengthBytes } = row.scale
  const framing = one.figures!.framedCopies!
  const startSeconds = one.figures!.lastSeconds - framing * copySecondsOf(one.scale)
  const copySeconds = copySecondsOf(row.scale)
  const pieces = sizeBytes / pieceLengthBytes
  const { ratio: simulatedRatio } = simulateSwarm({ nodes, pieces, copySeconds, ...nodeSettings(pieceLengthBytes) })
  const predictedRatio = simulatedRatio * framing + startSeconds / copySeconds
  const measuredRatio = row.figures!.ratio!
  const difference = measuredRatio / predictedRatio - 1
  return { nodes, simulatedRatio, framing, startSeconds, predictedRatio, measuredRatio, difference }
}
