import { formatAddress } from '../domain/address.ts'
import { parseMac } from '../domain/mac.ts'
import { isWaiting } from '../domain/machine.ts'
import { type PlacedMachine, parseMachineOrder } from '../domain/machine-order.ts'
import { parseHostNames } from '../domain/name.ts'
import { LunaError } from '../errors.ts'
import { type Assignment, assignAsTheyArrive, assignMachines } from '../operations/assign-machines.ts'
import { forgetMachines, listDiscovered } from '../operations/discovered.ts'
import type { Arguments } from './arguments.ts'
import { type Action, type Context, jsonOption } from './command.ts'
import { formatDuration, json, table } from './print.ts'

const portOf = ({ place }: PlacedMachine): string => (place ? `${place.switch} ${place.portName ?? place.port}` : '-')

function view(machine: PlacedMachine, nowMs: number) {
  const { id: _, address, macs, place, ...rest } = machine
  return {
    mac: macs[0],
    macs,
    waiting: isWaiting(machine, nowMs),
    address: formatAddress(address),
    ...rest,
    switch: place?.switch,
    port: place?.port,
    portName: place?.portName,
  }
}

function listing(machines: readonly PlacedMachine[], nowMs: number): string {
  const rows = machines.map(machine => [
    machine.macs.join('\n'),
    isWaiting(machine, nowMs) ? formatDuration(nowMs - machine.arrivedAtMs) : '-',
    `${formatDuration(nowMs - machine.lastSeenAtMs)} ago`,
    formatAddress(machine.address),
    machine.serial || '-',
    machine.asset || '-',
    `${machine.manufacturer} ${machine.product}`.trim() || '-',
    portOf(machine),
  ])
  return table(['MACs', 'Waits for', 'Last seen', 'Address', 'Serial', 'Asset', 'Machine', 'Switch port'], rows)
}

const assignmentView = ({ node, machine }: Assignment, nowMs: number) => ({ node, ...view(machine, nowMs) })

/** What tells an administrator which machine it is, on one line. */
const assignmentLine = ({ node, machine }: Assignment): string =>
  [
    ...[node, machine.macs[0], formatAddress(machine.address)],
    ...(machine.serial ? [`serial ${machine.serial}`] : []),
    ...(machine.asset ? [`asset ${machine.asset}`] : []),
    ...(machine.place ? [`at ${portOf(machine)}`] : []),
  ].join('  ')

/** Options that mean something beside one other alone. */
function checkWords(args: Arguments): void {
  const [forget, assign] = [args.has('forget'), args.has('assign')]
  if (forget && assign) throw new LunaError('usage', '--forget and --assign are two things; do one after the other')
  const lost = ['group', 'wait', 'all'].find(option => args.has(option) && !assign)
  if (lost !== undefined) throw new LunaError('usage', `--${lost} belongs to --assign HOSTLIST; ${args.seeHelp}`)
  if (args.has('wait') && (args.has('by') || args.has('all')))
    throw new LunaError('usage', '--wait gives names as machines arrive; --by and --all are for those that are there')
}

async function assign({ luna, io }: Context, args: Arguments): Promise<void> {
  const one = await luna()
  const input = { names: args.need('assign', parseHostNames), group: args.get('group') }
  const by = args.get('by', parseMachineOrder) ?? 'arrival'
  if (args.has('wait')) return assignWaiting({ luna, io }, args, input)
  const given = await assignMachines(one, { ...input, by, silentToo: args.has('all') })
  if (args.has('raw')) return io.print(json(given.map(each => assignmentView(each, one.clock()))))
  io.print(given.map(each => `${assignmentLine(each)}\n`).join(''))
}

async function assignWaiting(
  { luna, io }: Context,
  args: Arguments,
  input: { names: readonly string[]; group: string | undefined },
): Promise<void> {
  const one = await luna()
  if (io.interactive)
    io.complain(`names to give: ${input.names.length}; switch the machines on one after the other; Ctrl-C ends it\n`)
  for await (const each of assignAsTheyArrive(one, input))
    io.print(args.has('raw') ? json(assignmentView(each, one.clock())) : `${assignmentLine(each)}\n`)
}

export const discoverAction: Action = {
  name: 'discover',
  summary: 'list the machines that asked to boot and are not known, and make them nodes',
  options: [
    {
      flags: '--assign',
      value: 'HOSTLIST',
      help: 'give the machines that wait these names: of new nodes, or of nodes without MAC',
    },
    { flags: '-g, --group', value: 'GROUP', help: 'group of the nodes that are new' },
    { flags: '--by', value: 'arrival|port|serial', help: 'order of the machines (arrival)' },
    { flags: '--all', help: 'also machines that did not ask for 15 minutes' },
    { flags: '--wait', help: 'give the names one by one to machines as they arrive' },
    { flags: '--forget', value: 'MAC|all', help: 'forget a machine, or all' },
    jsonOption,
  ],
  async run(context, args) {
    checkWords(args)
    if (args.has('assign')) return assign(context, args)
    const luna = await context.luna()
    const which = args.get('forget', text => (text === 'all' ? text : parseMac(text)))
    if (which !== undefined) return forgetMachines(luna, which)
    const machines = await listDiscovered(luna, args.get('by', parseMachineOrder))
    const now = luna.clock()
    context.io.print(args.has('raw') ? json(machines.map(machine => view(machine, now))) : listing(machines, now))
  },
}
