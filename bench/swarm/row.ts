import { percentileOf } from '../measuring/numbers.ts'
import type { Measured } from './measure.ts'
import { copySecondsOf, type Scale } from './scale.ts'

/** One engine with one number of nodes, as it is printed and judged. */
export interface Row {
  engine: string
  scale: Scale
  /** Why there is no figure. */
  failure?: string
  /** From how many nodes the figures were reckoned. */
  extrapolatedFrom?: number
  figures?: Figures
}

export interface Figures {
  lastSeconds: number
  p50Seconds: number
  p90Seconds: number
  /** Time of the last completion over S/R; undefined where the links are not shaped. */
  ratio: number | undefined
  /** What the head's interface was handed, in copies of the image. */
  copies: number
  /** The same with the headers of every frame. */
  framedCopies: number | undefined
  /** CPU seconds for a GB (10^9 bytes) that the head sent. */
  headCpuPerGb: number
  /** CPU seconds for a GB that nodes got. */
  nodeCpuPerGb: number
  /** Share of the machine's time. */
  busy: number
}

/** Beyond this, times say more about the machine than about what ran on it. */
const mostBusy = 0.85

/** Where the links are not shaped the processors are what all wait for, and CPU seconds are what counts. */
export const isJudged = ({ figures, scale }: Row): boolean =>
  figures !== undefined && (scale.bitsPerSecond === undefined || figures.busy <= mostBusy)

export function figuresOf(scale: Scale, measured: Measured): Figures {
  const { completedSeconds, handedBytes, framedBytes, headCpuSeconds, nodesCpuSeconds, busy } = measured
  const lastSeconds = completedSeconds.at(-1)!
  return {
    lastSeconds,
    p50Seconds: percentileOf(completedSeconds, 0.5),
    p90Seconds: percentileOf(completedSeconds, 0.9),
    ratio: scale.bitsPerSecond === undefined ? undefined : lastSeconds / copySecondsOf(scale),
    copies: handedBytes / scale.sizeBytes,
    framedCopies: framedBytes && framedBytes / scale.sizeBytes,
    headCpuPerGb: headCpuSeconds / (handedBytes / 1e9),
    nodeCpuPerGb: nodesCpuSeconds / ((scale.nodes * scale.sizeBytes) / 1e9),
    busy,
  }
}

/** What an engine that sends a copy to each would take with more nodes than it was measured with: its times over S/R grow as they do. */
export function extrapolate({ engine, scale: from, figures }: Row, scale: Scale): Row {
  const times = scale.nodes / from.nodes
  const stretch = times * (copySecondsOf(scale) / copySecondsOf(from))
  const { lastSeconds, p50Seconds, p90Seconds, ratio, copies, framedCopies } = figures!
  return {
    engine,
    scale,
    extrapolatedFrom: from.nodes,
    figures: {
      ...figures!,
      lastSeconds: lastSeconds * stretch,
      p50Seconds: p50Seconds * stretch,
      p90Seconds: p90Seconds * stretch,
      ratio: ratio && ratio * times,
      copies: copies * times,
      framedCopies: framedCopies && framedCopies * times,
    },
  }
}
