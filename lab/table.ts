import { columns } from '../src/cli/columns.ts'
import { type BootProgress, stepOf } from './boot-progress.ts'
import { formatMib, formatSeconds } from './format.ts'

const head = ['Node', 'MAC', 'Step', '%', 'Rate', 'Elapsed']

/** The live table of booting machines. */
export const renderTable = (all: readonly BootProgress[], nowMs: number): string[] =>
  columns([head, ...all.map(one => row(one, nowMs))], new Set([3, 4, 5]))

function row(one: BootProgress, nowMs: number): string[] {
  const step = one.trouble === undefined ? stepOf(one) : `${stepOf(one)}: ${one.trouble}`
  const { percent, rate } = (step === 'install.download' ? one.view?.status : undefined) ?? {
    percent: null,
    rate: null,
  }
  return [
    one.node.name,
    one.node.mac,
    step,
    percent === null ? '' : `${Math.floor(percent)}`,
    rate === null ? '' : `${formatMib(rate)}/s`,
    formatSeconds((one.loggedInMs ?? nowMs) - one.poweredOnMs),
  ]
}
