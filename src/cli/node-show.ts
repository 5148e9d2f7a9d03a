import { formatAddress } from '../domain/address.ts'
import { parseHostlist } from '../domain/hostlist.ts'
import { stateOf } from '../domain/install.ts'
import type { InstallEvent } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import { listEvents, listNodesWithStatus, type NodeWithStatus } from '../operations/nodes.ts'
import type { Action, Context } from './command.ts'
import { commentOption, jsonOption } from './command.ts'
import { commentText } from './comment.ts'
import { type Download, findDownloads } from './downloads.ts'
import { formatBytes, formatDuration, json, properties, table, yesNo } from './print.ts'

type Luna = Awaited<ReturnType<Context['luna']>>

interface Shown extends NodeWithStatus {
  download: Download | undefined
}

/** Nodes with their last step and, while they download, how far they are. */
async function load(luna: Luna, filter: { names?: readonly string[]; group?: string }): Promise<Shown[]> {
  const found = await listNodesWithStatus(luna, filter)
  const downloads = await findDownloads(luna)
  return found.map(one => ({
    ...one,
    download: one.status?.step === 'install.download' ? downloads.get(one.node.name) : undefined,
  }))
}

function view({ node, status, download }: Shown) {
  const { id: _, addresses, ...rest } = node
  return {
    ...rest,
    interfaces: addresses.map(held => ({ ...held, address: formatAddress(held.address) })),
    state: stateOf(status?.step),
    status: status && {
      step: status.step,
      atMs: status.atMs,
      message: status.message,
      percent: download?.percent,
      rate: download?.rateBytesPerSecond,
    },
  }
}

/** `switch01 Gi1/0/5` */
const portLine = ({ switch: name, port }: Shown['node']): string => [name, port].filter(Boolean).join(' ') || '-'

function statusLine({ status, download }: Shown, now: number): string {
  if (!status) return '-'
  const since = `${formatDuration(now - status.atMs)} ago`
  const progress = download ? ` ${download.percent.toFixed(0)} %, ${formatBytes(download.rateBytesPerSecond)}/s` : ''
  const why = status.message ? `: ${status.message.split('\n')[0]}` : ''
  return `${status.step}${progress}, ${since}${why}`
}

export const listNodesAction: Action = {
  name: 'list',
  summary: 'list nodes and their status',
  options: [
    { flags: '-g, --group', value: 'GROUP', help: 'of this group only' },
    { flags: '-1, --one-line', help: 'names only, on one line' },
    jsonOption,
  ],
  async run({ luna, io }, args) {
    const one = await luna()
    const group = args.get('group')
    const nodes = await load(one, group === undefined ? {} : { group })
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

const eventLine = ({ step, atMs, message }: InstallEvent): string =>
  `${new Date(atMs).toISOString().slice(11, 19)} ${step}${message ? `: ${message.split('\n')[0]}` : ''}`

/** As root sees them: with secrets, without making a boot. */
async function showScript(luna: Luna, name: string, script: string): Promise<string> {
  if (script === 'boot') return (await import('../operations/boot.ts')).showBootScript(luna, name)
  if (script === 'install') return (await import('../operations/install-script.ts')).showInstallScript(luna, name)
  throw new LunaError('usage', `--script shows boot or install, not "${script}"`)
}

export const showNodeAction: Action = {
  name: 'show',
  summary: 'show nodes, or a script of one',
  subject: 'HOSTLIST',
  options: [
    { flags: '-s, --script', value: 'boot|install', help: 'the script it would get now' },
    jsonOption,
    commentOption,
  ],
  async run({ luna, io }, args) {
    const one = await luna()
    const names = parseHostlist(args.subject)
    const script = args.get('script')
    if (script !== undefined) {
      for (const name of names) io.print(await showScript(one, name, script))
      return
    }
    const nodes = await load(one, { names })
    if (args.has('comment')) return io.print(nodes.map(({ node }) => commentText(node)).join(''))
    const withEvents = await Promise.all(
      nodes.map(async shown => ({ shown, events: await listEvents(one, shown.node.id) })),
    )
    if (args.has('raw')) {
      const all = withEvents.map(({ shown, events }) => ({ ...view(shown), events }))
      return io.print(json(all.length === 1 ? all[0] : all))
    }
    io.print(withEvents.map(({ shown, events }) => describe(shown, events, one.clock())).join('\n'))
  },
}

function describe(shown: Shown, events: readonly InstallEvent[], now: number): string {
  const { node } = shown
  return properties([
    ['name', node.name],
    ['group', node.group],
    ['mac', node.mac ?? '-'],
    ['port', portLine(node)],
    [
      'interfaces',
      node.addresses.map(held => `${held.interface} ${formatAddress(held.address)} ${held.network}`).join('\n') || '-',
    ],
    ['localboot', yesNo(node.localboot)],
    ['setupbmc', yesNo(node.setupbmc)],
    ['service', yesNo(node.service)],
    ['status', statusLine(shown, now)],
    ['this boot', events.map(eventLine).join('\n') || '-'],
    ['comment', node.comment || '-'],
  ])
}
