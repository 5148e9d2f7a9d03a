import { type BadSender, blameFor, findBadSenders } from './bad-pieces.ts'
import type { InstallEvent } from './node.ts'

/** What nodes that fetch an image at the same time make of the head's link: kept when it is over. */
export interface Storm extends Bytes {
  osimage: string
  generation: number
  sizeBytes: number
  beganAtMs: number
  /** When the last node was done. */
  endedAtMs: number
  nodes: number
  /** Those of them that did not get to the end. */
  unfinished: number
  /** How long half of the nodes took at most, and nine tenths of them. */
  medianMs: number
  p90Ms: number
  /** Some of them: who did not get to the end, then who was last. */
  slowest: readonly StormNode[]
  /** Who gave pieces that were none of the image, as far as nodes can tell. */
  badSenders: readonly BadSender[]
}

/** Where bytes of the image came from. */
interface Bytes {
  fromHeadBytes: number
  fromPeersBytes: number
  /** Those of the head's that came by HTTP. */
  fromWebBytes: number
}

/** One node's part in it. */
export interface StormNode extends Bytes {
  node: string
  beganAtMs: number
  /** Undefined when it did not get to the end. */
  endedAtMs: number | undefined
  /** How often it began. */
  tries: number
  /** Why it failed, if it did. */
  message: string | undefined
}

/** One node's part in it, and whom it takes no more pieces from. */
interface Download extends StormNode {
  badSenders: readonly string[]
}

/** Steps of boots that fetch one image, of one node each time, in the order of their times. */
export interface NodeEvent extends InstallEvent {
  node: string
}

/** Nodes are in one storm with each other when no more than this is between the end of the one and the beginning of the other. */
export const stormGapMs = 30_000
/** Nodes that are kept of a storm: as many as somebody reads. */
export const slowestKept = 10

/** @param events of boots with the same image */
export function findStorms(
  events: readonly NodeEvent[],
  image: Pick<Storm, 'osimage' | 'generation' | 'sizeBytes'>,
): Storm[] {
  return groupStorms(downloadsIn(events))
    .map(mergeTries)
    .filter(nodes => nodes.length > 1)
    .map(nodes => summarise(nodes, image))
}

/** Every time that a node began to fetch. */
function downloadsIn(events: readonly NodeEvent[]): Download[] {
  const downloads: Download[] = []
  for (const ofNode of Map.groupBy(events, ({ node }) => node).values()) {
    const tries: Download[] = []
    for (const event of ofNode) {
      if (event.step === 'install.download') tries.push(beginning(event))
      else if (tries.length > 0) hear(tries.at(-1)!, event)
    }
    downloads.push(...tries)
  }
  return downloads
}

const beginning = ({ node, atMs }: NodeEvent): Download => ({
  ...{ node, beganAtMs: atMs, endedAtMs: undefined, tries: 1, message: undefined },
  ...{ fromHeadBytes: 0, fromPeersBytes: 0, fromWebBytes: 0, badSenders: [] },
})

/** The step after install.download begins with the last piece, and says where they came from. */
function hear(download: Download, event: NodeEvent): void {
  if (event.step === 'install.unpack') {
    download.endedAtMs ??= event.atMs
    download.fromHeadBytes = event.fromHeadBytes ?? 0
    download.fromPeersBytes = event.fromPeersBytes ?? 0
    download.fromWebBytes = event.fromWebBytes ?? 0
    download.badSenders = findBadSenders(event.message)
  } else if (event.step === 'install.failed') download.message ??= event.message?.split('\n')[0]
}

function groupStorms(downloads: readonly Download[]): Download[][] {
  const storms: Download[][] = []
  let endMs = Number.NEGATIVE_INFINITY
  for (const download of downloads.toSorted((a, b) => a.beganAtMs - b.beganAtMs)) {
    if (download.beganAtMs > endMs + stormGapMs) storms.push([])
    storms.at(-1)!.push(download)
    endMs = Math.max(endMs, download.endedAtMs ?? download.beganAtMs)
  }
  return storms
}

/** A node that began again is one node, whose time counts from its first beginning. */
const mergeTries = (downloads: readonly Download[]): Download[] =>
  [...Map.groupBy(downloads, ({ node }) => node).values()].map(tries => ({
    ...tries.at(-1)!,
    beganAtMs: tries[0]!.beganAtMs,
    tries: tries.length,
    badSenders: tries.flatMap(({ badSenders }) => badSenders),
    message: tries.findLast(({ message }) => message !== undefined)?.message,
  }))

function summarise(nodes: readonly Download[], image: Pick<Storm, 'osimage' | 'generation' | 'sizeBytes'>): Storm {
  const finished = nodes.filter(({ endedAtMs }) => endedAtMs !== undefined)
  const beganAtMs = Math.min(...nodes.map(node => node.beganAtMs))
  const tookMs = finished.map(took).toSorted((a, b) => a - b)
  return {
    ...image,
    beganAtMs,
    endedAtMs: Math.max(beganAtMs, ...finished.map(({ endedAtMs }) => endedAtMs!)),
    nodes: nodes.length,
    unfinished: nodes.length - finished.length,
    medianMs: quantile(tookMs, 0.5),
    p90Ms: quantile(tookMs, 0.9),
    fromHeadBytes: sum(nodes, 'fromHeadBytes'),
    fromPeersBytes: sum(nodes, 'fromPeersBytes'),
    fromWebBytes: sum(nodes, 'fromWebBytes'),
    slowest: nodes
      .toSorted((a, b) => lateness(b) - lateness(a))
      .slice(0, slowestKept)
      .map(({ badSenders: _, ...node }) => node),
    badSenders: blameFor(nodes.flatMap(({ node, badSenders }) => badSenders.map(name => [name, node] as const))),
  }
}

const lateness = ({ endedAtMs }: StormNode): number => endedAtMs ?? Number.MAX_SAFE_INTEGER
const took = ({ beganAtMs, endedAtMs }: StormNode): number => endedAtMs! - beganAtMs
const sum = (nodes: readonly StormNode[], key: keyof Bytes): number => nodes.reduce((all, one) => all + one[key], 0)
/** The least of the sorted numbers that so large a part of them do not exceed. */
const quantile = (sorted: readonly number[], part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? 0

/** How often the head sent the whole image. */
export const copiesOf = ({ fromHeadBytes, sizeBytes }: Storm): number => fromHeadBytes / sizeBytes

/** How much of what these received came from other nodes, 0 to 100. */
export const peersPercentOf = ({ fromHeadBytes, fromPeersBytes }: Bytes): number =>
  fromHeadBytes + fromPeersBytes === 0 ? 0 : (100 * fromPeersBytes) / (fromHeadBytes + fromPeersBytes)

/** Bytes per second from a node's beginning to its end. */
export const rateOf = (node: StormNode, sizeBytes: number): number | undefined =>
  node.endedAtMs === undefined ? undefined : (sizeBytes * 1000) / Math.max(1, took(node))

/** A node is late when it began so long after the first, or that part of what the nodes usually take. */
const lateMs = 5000
const latePart = 0.25
/** And slow when it had less than this part of the usual rate. */
const slowPart = 0.7
const webPart = 0.05

/** Why a node was among the last, as far as can be told; none when it is merely the last of many alike. */
export function reasonsOf(node: StormNode, storm: Storm): string[] {
  const { sizeBytes, medianMs } = storm
  const afterMs = node.beganAtMs - storm.beganAtMs
  const rate = rateOf(node, sizeBytes)
  const reasons: string[] = []
  if (node.message !== undefined) reasons.push(node.message)
  if (node.tries > 1) reasons.push(`began ${node.tries} times`)
  if (node.endedAtMs === undefined) reasons.push('did not finish')
  if (afterMs > Math.max(lateMs, latePart * medianMs))
    reasons.push(`began ${Math.round(afterMs / 1000)} s after the first`)
  if (node.fromWebBytes > webPart * sizeBytes)
    reasons.push(`${Math.round((100 * node.fromWebBytes) / sizeBytes)} % by HTTP: the swarm gave it nothing`)
  if (rate !== undefined && node.tries === 1 && rate < (slowPart * sizeBytes * 1000) / medianMs)
    reasons.push(`slow: half of the nodes had ${megabytes((sizeBytes * 1000) / medianMs)} MB/s or more`)
  return reasons
}

export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)
