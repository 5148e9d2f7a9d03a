import { copiesOf, megabytes, peersPercentOf, rateOf, reasonsOf, type Storm, type StormNode } from '../domain/storm.ts'
import { blameLine } from '../domain/storm-line.ts'
import { showStorms } from '../operations/storms.ts'
import { type Action, jsonOption } from './command.ts'
import { formatBytes, formatDuration, json, properties, table } from './print.ts'

/** Storms before the last that are listed, and nodes of the last: what fits a screen. */
const listed = { storms: 5, nodes: 8 }

export const stormAction: Action = {
  name: 'storm',
  summary: 'what became of the nodes that fetched an image at the same time: the last times, of one image or all',
  subject: 'NAME',
  subjectOptional: true,
  options: [jsonOption],
  reads: true,
  async run({ luna, io }, args) {
    const storms = await showStorms(await luna(), args.subjectIfGiven)
    if (args.has('raw')) return io.print(json(storms.map(view)))
    const [last, ...before] = storms
    if (!last) return io.print('no boot storm yet: two nodes or more that fetch an image at the same time are one\n')
    io.print(describe(last) + slowestOf(last) + list(before.slice(0, listed.storms)))
  },
}

const view = (storm: Storm) => ({
  ...storm,
  copies: copiesOf(storm),
  fromPeersPercent: peersPercentOf(storm),
  slowest: storm.slowest.map(node => ({
    ...node,
    rate: rateOf(node, storm.sizeBytes),
    fromPeersPercent: peersPercentOf(node),
    reasons: reasonsOf(node, storm),
  })),
})

const seconds = (ms: number): string => (ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms))
const dateOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
const percent = (value: number): string => `${value.toFixed(0)} %`
const finished = ({ nodes, unfinished }: Storm): string =>
  unfinished === 0 ? `${nodes}` : `${nodes - unfinished} of ${nodes}`

const describe = (storm: Storm): string =>
  properties([
    ['image', `${storm.osimage}, generation ${storm.generation}, ${formatBytes(storm.sizeBytes)}`],
    ['began', dateOf(storm.beganAtMs)],
    ['nodes', finished(storm)],
    ['time to last', seconds(storm.endedAtMs - storm.beganAtMs)],
    ['each took', `${seconds(storm.medianMs)} (half of them at most), ${seconds(storm.p90Ms)} (nine tenths)`],
    ['sent by head', `${copiesOf(storm).toFixed(2)} copies${byHttp(storm)}`],
    ['from nodes', percent(peersPercentOf(storm))],
    ...(storm.badSenders.length > 0 ? [['trouble', storm.badSenders.map(blameLine).join('\n')] as const] : []),
  ])

const byHttp = ({ fromWebBytes, sizeBytes }: Storm): string =>
  fromWebBytes === 0 ? '' : `, ${(fromWebBytes / sizeBytes).toFixed(2)} of them by HTTP`

function slowestOf(storm: Storm): string {
  const row = (node: StormNode) => {
    const rate = rateOf(node, storm.sizeBytes)
    return [
      node.node,
      node.endedAtMs === undefined ? '-' : seconds(node.endedAtMs - storm.beganAtMs),
      rate === undefined ? '-' : megabytes(rate),
      percent(peersPercentOf(node)),
      reasonsOf(node, storm).join(', ') || '-',
    ]
  }
  const rows = storm.slowest.slice(0, listed.nodes).map(row)
  return `\n${table(['Last nodes', 'Done after', 'MB/s', 'From nodes', 'Why'], rows)}`
}

function list(storms: readonly Storm[]): string {
  if (storms.length === 0) return ''
  const rows = storms.map(storm => [
    dateOf(storm.beganAtMs),
    `${storm.osimage} ${storm.generation}`,
    finished(storm),
    seconds(storm.endedAtMs - storm.beganAtMs),
    copiesOf(storm).toFixed(2),
    percent(peersPercentOf(storm)),
  ])
  return `\n${table(['Before', 'Image', 'Nodes', 'Time to last', 'Copies', 'From nodes'], rows)}`
}
