import { parseHostlist } from '../domain/hostlist.ts'
import { parseSshHost } from '../domain/ssh-host.ts'
import { LunaError } from '../errors.ts'
import { type SyncResult, syncOsimage } from '../operations/sync-osimage.ts'
import { type Arguments, parseNumber } from './arguments.ts'
import type { Action } from './command.ts'
import { foldedLines, refuseFailures } from './host-results.ts'
import { interruptible } from './interruptible.ts'
import { printable } from './print.ts'

const defaultFanout = 8

export const syncOsimageAction: Action = {
  name: 'sync',
  summary: "copy one's directory to the other head (cluster_ips), or to running hosts, by rsync over ssh as root",
  subject: 'NAME',
  options: [
    {
      flags: '-H, --host',
      value: 'HOSTLIST',
      help: 'to these hosts, nodes or any others; to the file systems that grabbing would read',
    },
    { flags: '--delete', help: 'delete on the hosts what the image has not' },
    { flags: '--fanout', value: 'N', help: `to how many hosts at once (${defaultFanout})` },
    { flags: '-v, --verbose', help: 'print what changes' },
  ],
  async run({ luna, io }, args) {
    const input = inputOf(args)
    const one = await luna()
    const showsLines = args.has('verbose') || one.tell !== undefined
    const results = await interruptible(signal =>
      syncOsimage(one, { ...input, signal }, (host, line) => {
        if (showsLines && line.kind !== 'progress') io.print(printable(`${host}: ${line.words}\n`))
      }),
    )
    if (!one.tell) for (const line of foldedLines(results.flatMap(toCounts))) io.print(`${line}\n`)
    refuseFailures(results.flatMap(toFailure), results.length)
  },
}

function inputOf(args: Arguments) {
  const hosts = args.get('host', text => parseHostlist(text).map(parseSshHost))
  if (args.has('delete') && !hosts)
    throw new LunaError(
      'usage',
      '--delete is for hosts (-H HOSTLIST); on the other head the directory becomes what it is here',
    )
  const fanout = args.get('fanout', parseNumber(1, 256))
  if (fanout !== undefined && !hosts) throw new LunaError('usage', '--fanout is for hosts (-H HOSTLIST)')
  return { name: args.subject, hosts, deletes: args.has('delete'), fanout: fanout ?? defaultFanout }
}

const toCounts = ({ host, made, deleted, error }: SyncResult) =>
  error ? [] : [[host, `${made} new or changed, ${deleted} deleted`] as const]

const toFailure = ({ host, error }: SyncResult) =>
  error ? [[host, [error.message, ...(error.detail?.split('\n').slice(0, 1) ?? [])].join('; ')] as const] : []
