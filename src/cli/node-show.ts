import { formatAddress } from '../domain/address.ts'
import { parseHostlist } from '../domain/hostlist.ts'
import type { InstallEvent } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import { listEvents } from '../operations/nodes.ts'
import type { Action, Context } from './command.ts'
import { commentOption, jsonOption } from './command.ts'
import { commentText } from './comment.ts'
import { json, properties, yesNo } from './print.ts'
import { generationLine, loadNodes, portLine, type Shown, statusLine, view } from './shown-node.ts'

type Luna = Awaited<ReturnType<Context['luna']>>

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
    const nodes = await loadNodes(one, { names })
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
    ['generation', generationLine(shown)],
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
