import { columns } from '../src/cli/columns.ts'
import { formatMib } from './format.ts'
import type { EventView } from './luna-json.ts'

/** Where the time of one boot went, in seconds; undefined where the head did not hear of it. */
export interface Timeline {
  phases: Record<Phase, number | undefined>
  totalS: number
  fromHeadBytes: number | undefined
  fromPeersBytes: number | undefined
}

/** What the head of the table calls them, in their order. */
export const phases = ['PXE', 'kernel', 'initrd', 'download', 'unpack', 'install', 'boot'] as const
export type Phase = (typeof phases)[number]

/**
 * PXE: power-on to the boot script. kernel: until it runs, which is mostly loading it and the initrd over HTTP.
 * initrd: its start, network, install script and the user's scripts before the image. install: what follows the image.
 * boot: from the end of the install script to a login. A node that tried more than once is told by its last try.
 */
export function timelineOf(events: readonly EventView[], poweredOnMs: number, loggedInMs: number): Timeline {
  const last = (step: string) => events.findLast(event => event.step === step && event.at_ms >= poweredOnMs)
  const at = (step: string) => last(step)?.at_ms
  const clocked = events.findLast(event => event.uptime_s !== null && event.at_ms >= poweredOnMs)
  const kernelStartMs = clocked && Math.max(clocked.at_ms - clocked.uptime_s! * 1000, at('boot.request') ?? 0)
  const marks = [
    poweredOnMs,
    at('boot.request'),
    kernelStartMs,
    at('install.download'),
    at('install.unpack'),
    at('install.setnet'),
    at('install.success'),
    loggedInMs,
  ]
  const spent = phases.map((phase, index) => [phase, secondsBetween(marks[index], marks[index + 1])] as const)
  const bytes = events.findLast(event => event.from_head_bytes !== null || event.from_peers_bytes !== null)
  return {
    phases: Object.fromEntries(spent) as Timeline['phases'],
    totalS: (loggedInMs - poweredOnMs) / 1000,
    fromHeadBytes: bytes?.from_head_bytes ?? undefined,
    fromPeersBytes: bytes?.from_peers_bytes ?? undefined,
  }
}

const secondsBetween = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : (to - from) / 1000

export function renderTimelines(timelines: ReadonlyMap<string, Timeline>): string[] {
  const rows = [...timelines].map(([name, { phases: spent, totalS, fromHeadBytes, fromPeersBytes }]) => [
    name,
    ...phases.map(phase => spent[phase]?.toFixed(1) ?? '-'),
    totalS.toFixed(1),
    fromHeadBytes === undefined ? '-' : formatMib(fromHeadBytes),
    fromPeersBytes === undefined ? '-' : formatMib(fromPeersBytes),
  ])
  const head = ['seconds', ...phases, 'total', 'from the head', 'from other nodes']
  return columns([head, ...rows], new Set(head.keys().drop(1)))
}
