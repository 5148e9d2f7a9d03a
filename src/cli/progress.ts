import { Presets, SingleBar } from 'cli-progress'
import { formatBytes, formatDuration } from './print.ts'

/** A line on standard error with a bar, rate and time left, and what goes on beside it; nothing where nobody looks at it. */
export interface Progress {
  /** `total` undefined: not known yet. Another phase begins another line. */
  update(phase: string, done: number, total: number | undefined): void
  /** Words at the line's end. */
  beside(words: string): void
  stop(): void
}

export const createProgress = (interactive: boolean, formatRate: FormatRate = formatByteRate): Progress =>
  interactive ? new Bar(formatRate) : { update: () => {}, beside: () => {}, stop: () => {} }

type FormatRate = (perSecond: number) => string
const formatByteRate: FormatRate = perSecond => `${formatBytes(perSecond)}/s`

/** Characters of `beside`: the line must not wrap on a terminal of 100. */
const besideWidth = 32

class Bar implements Progress {
  #phase = ''
  #beside = ''
  #startMs = 0
  #bar: SingleBar | undefined
  readonly #formatRate: FormatRate

  constructor(formatRate: FormatRate) {
    this.#formatRate = formatRate
  }

  update(phase: string, done: number, total: number | undefined): void {
    if (phase !== this.#phase) this.#begin(phase)
    this.#bar!.setTotal(total ?? 1)
    this.#bar!.update(total === undefined ? 0 : Math.min(done, total), this.#words(done, total))
  }

  beside(words: string): void {
    this.#beside = words.slice(0, besideWidth)
    if (!this.#bar) this.#begin('')
    this.#bar!.update({ beside: this.#beside })
  }

  stop(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }

  #begin(phase: string): void {
    this.stop()
    this.#phase = phase
    this.#startMs = Date.now()
    const format = '{phase}[{bar}] {percentage} %  {rate}{left}{beside}'
    this.#bar = new SingleBar({ format, barsize: 24, stream: process.stderr, hideCursor: true, fps: 5 }, Presets.legacy)
    this.#bar.start(1, 0, { phase: phase.padEnd(8), ...this.#words(0, undefined) })
  }

  #words(done: number, total: number | undefined) {
    const perMs = done / Math.max(1, Date.now() - this.#startMs)
    const left = total === undefined || perMs === 0 ? '' : `${formatDuration((total - done) / perMs)} left  `
    return { rate: `${this.#formatRate(perMs * 1000)}  `, left: done === total ? '' : left, beside: this.#beside }
  }
}
