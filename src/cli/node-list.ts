import { formatAddress } from '../domain/address.ts'
import { stateOf } from '../domain/install.ts'
import { compareNaturally } from '../domain/natural-order.ts'
import { megabytes } from '../domain/storm.ts'
import { LunaError } from '../errors.ts'
import { listAllGroups } from '../operations/groups.ts'
import { adviseOnPacks } from '../operations/osimages.ts'
import type { Action, Context } from './command.ts'
import { jsonOption } from './command.ts'
import { formatDuration, json, table } from './print.ts'
import {
  downloadView,
  generationLine,
  generationView,
  loadNodes,
  portLine,
  type Shown,
  statusLine,
  view,
} from './shown-node.ts'

type Luna = Awaited<ReturnType<Context['luna']>>

export const listNodesAction: Action = {
  name: 'list',
  summary: 'list nodes and their status',
  options: [
    { flags: '-g, --group', value: 'GROUP', help: 'of this group only' },
    { flags: '-1, --one-line', help: 'names only, on one line' },
    {
      flags: '--status',
      help: 'what each is doing and since when; of downloads how far, how fast, and how much from others',
    },
    jsonOption,
  ],
  async run({ luna, io }, args) {
    const said = ['status', 'one-line', 'raw'].filter(option => args.has(option))
    if (said.includes('one-line') && said.length > 1)
      throw new LunaError('usage', '--one-line is a list of its own: without --status and --json')
    const one = await luna()
    const group = args.get('group')
    const nodes = (await loadNodes(one, group === undefined ? {} : { group })).toSorted(byName)
    if (args.has('status')) {
      io.print(args.has('raw') ? json(nodes.map(statusView)) : statusTable(nodes, one.clock()))
      for (const advice of await adviseOnPacks(one, await osimagesOf(one, nodes))) io.warn(advice)
      return
    }
    if (args.has('raw')) return io.print(json(nodes.map(view)))
    if (args.has('one-line')) return io.print(`${nodes.map(({ node }) => node.name).join(' ')}\n`)
    const now = one.clock()
    const rows = nodes.map(shown => [
      shown.node.name,
      shown.node.group,
      shown.node.mac ?? '-',
      portLine(shown.node),
      shown.node.addresses.map(held => formatAddress(held.address)).join('\n') || '-',
      statusLine(shown, now),
    ])
    io.print(table(['Name', 'Group', 'MAC', 'Port', 'Addresses', 'Status'], rows))
  },
}

/** Those that nodes get when they boot next; who boots from the local disk needs none. */
async function osimagesOf(luna: Luna, nodes: readonly Shown[]): Promise<string[]> {
  const groups = new Set(nodes.filter(({ node }) => !node.localboot).map(({ node }) => node.group))
  return (await listAllGroups(luna)).filter(({ name }) => groups.has(name)).map(({ osimage }) => osimage)
}

/** node999 before node1000. */
const byName = (a: Shown, b: Shown): number => compareNaturally(a.node.name, b.node.name)

const statusView = ({ node, status, generation, download }: Shown) => ({
  name: node.name,
  group: node.group,
  ...generationView(generation),
  state: stateOf(status?.step),
  step: status?.step,
  atMs: status?.atMs,
  message: status?.message,
  ...downloadView(download),
})

const percent = (value: number | undefined): string => (value === undefined ? '-' : `${value.toFixed(0)} %`)

function statusTable(nodes: readonly Shown[], now: number): string {
  const rows = nodes.map(({ node, status, download, ...shown }) => [
    node.name,
    status?.step ?? '-',
    status ? formatDuration(now - status.atMs) : '-',
    percent(download?.percent),
    download ? megabytes(download.rateBytesPerSecond) : '-',
    percent(download?.fromPeersPercent),
    generationLine(shown),
    status?.message?.split('\n')[0] ?? '',
  ])
  return table(['Node', 'Step', 'Since', 'Done', 'MB/s', 'From nodes', 'Generation', ''], rows)
}
