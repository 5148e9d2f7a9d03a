import { formatAddress } from '../domain/address.ts'
import { stateOf } from '../domain/install.ts'
import { listNodesWithStatus, type NodeWithStatus } from '../operations/nodes.ts'
import type { Context } from './command.ts'
import { type Download, findDownloads } from './downloads.ts'
import { formatBytes, formatDuration } from './print.ts'

type Luna = Awaited<ReturnType<Context['luna']>>

export interface Shown extends NodeWithStatus {
  download: Download | undefined
}

/** Nodes with their last step and, while they download, how far they are. */
export async function loadNodes(luna: Luna, filter: { names?: readonly string[]; group?: string }): Promise<Shown[]> {
  const found = await listNodesWithStatus(luna, filter)
  const downloads = await findDownloads(luna)
  return found.map(one => ({
    ...one,
    download: one.status?.step === 'install.download' ? downloads.get(one.node.name) : undefined,
  }))
}

export function view({ node, status, generation, download }: Shown) {
  const { id: _, addresses, ...rest } = node
  return {
    ...rest,
    interfaces: addresses.map(held => ({ ...held, address: formatAddress(held.address) })),
    ...generationView(generation),
    state: stateOf(status?.step),
    status: status && {
      step: status.step,
      atMs: status.atMs,
      message: status.message,
      ...downloadView(download),
    },
  }
}

export const generationView = ({ next, isCanary, booted }: Shown['generation']) => ({
  nextGeneration: next,
  canary: isCanary,
  bootedGeneration: booted,
})

/** `7`, `7, next 8 (canary)`: what it has booted, and what it gets then where that is another. */
export function generationLine({ generation: { next, isCanary, booted } }: Pick<Shown, 'generation'>): string {
  const canary = isCanary ? ' (canary)' : ''
  if (next === undefined || next === booted) return booted === undefined ? '-' : `${booted}${canary}`
  return `${booted === undefined ? '' : `${booted}, `}next ${next}${canary}`
}

/** `switch01 Gi1/0/5` */
export const portLine = ({ switch: name, port }: Shown['node']): string => [name, port].filter(Boolean).join(' ') || '-'

export function statusLine({ status, download }: Shown, now: number): string {
  if (!status) return '-'
  const since = `${formatDuration(now - status.atMs)} ago`
  const progress = download ? ` ${download.percent.toFixed(0)} %, ${formatBytes(download.rateBytesPerSecond)}/s` : ''
  const why = status.message ? `: ${status.message.split('\n')[0]}` : ''
  return `${status.step}${progress}, ${since}${why}`
}

/** The members of the JSON that tell how a download goes. */
export const downloadView = (download: Download | undefined) => ({
  percent: download?.percent,
  rate: download?.rateBytesPerSecond,
  fromPeersPercent: download?.fromPeersPercent,
})
