import { parseAddress } from '../domain/address.ts'
import { bmcInterface } from '../domain/group.ts'
import { parseMac } from '../domain/mac.ts'
import { parseHostName, parseHostNames, parseInterfaceName } from '../domain/name.ts'
import { parsePort } from '../domain/switch-port.ts'
import { LunaError } from '../errors.ts'
import { adviseOnPorts } from '../operations/node-ports.ts'
import { addNodes, listNodesWithStatus, type NodeChange, removeNodes, renameNode } from '../operations/nodes.ts'
import { changeNodesIfWhole } from '../operations/pins.ts'
import { deleteHostsAction, renameAction } from './alike.ts'
import { type Arguments, given, parseYesNo } from './arguments.ts'
import { type Context, commentOption, type ObjectCommand } from './command.ts'
import { commonComment } from './comment.ts'
import { discoverAction } from './node-discover.ts'
import { listNodesAction } from './node-list.ts'
import { showNodeAction } from './node-show.ts'
import { generationOption, parsePin } from './osimage-history.ts'

type Luna = Awaited<ReturnType<Context['luna']>>

/** `-i IF ADDRESS` has its address as a second word; `--bmcip A` is `-i BMC A`. */
function addressOf(args: Arguments): NodeChange['address'] {
  const bmc = args.get('bmcip', parseAddress)
  const name = args.get('interface', parseInterfaceName)
  const [address] = args.rest
  if (address !== undefined && name === undefined)
    throw new LunaError('usage', `"${address}" is a word too many; an address is set by: -i INTERFACE ${address}`)
  if (bmc && name !== undefined) throw new LunaError('usage', '--bmcip and -i are two addresses; change one at a time')
  if (bmc) return { interface: bmcInterface, address: bmc }
  if (name === undefined) return undefined
  if (address === undefined) throw new LunaError('usage', `-i ${name} needs an address after it: -i ${name} ADDRESS`)
  return { interface: name, address: parseAddress(address) }
}

const commentOf = async (luna: Luna, names: readonly string[]): Promise<string> =>
  commonComment((await listNodesWithStatus(luna, { names })).map(({ node }) => node))

export const node: ObjectCommand = {
  name: 'node',
  summary: 'Machines',
  actions: [
    listNodesAction,
    showNodeAction,
    {
      name: 'add',
      summary: 'add nodes; with no name, one with the next free name',
      subject: 'HOSTLIST',
      subjectOptional: true,
      options: [{ flags: '-g, --group', value: 'GROUP', help: 'group they are in', required: true }],
      async run({ luna, io }, args) {
        const names = args.subjectIfGiven === undefined ? undefined : parseHostNames(args.subject)
        const added = await addNodes(await luna(), { names, group: args.need('group') })
        if (names === undefined) io.print(`${added.join('\n')}\n`)
      },
    },
    {
      name: 'change',
      summary: 'change nodes',
      subject: 'HOSTLIST',
      rest: 'ADDRESS',
      options: [
        { flags: '-g, --group', value: 'GROUP', help: 'group they are to be in' },
        { flags: '-i, --interface', value: 'NAME', help: 'interface that gets the ADDRESS after it' },
        { flags: '--bmcip', value: 'ADDRESS', help: 'the same as -i BMC ADDRESS' },
        { flags: '--mac', value: 'MAC', help: "MAC of the card it boots from ('': unknown)" },
        { flags: '-s, --switch', value: 'SWITCH', help: "switch that it is plugged in ('': none)" },
        { flags: '-p, --port', value: 'PORT', help: "number or name of the port there ('': none)" },
        { flags: '-l, --localboot', value: 'y|n', help: 'boot from the local disk' },
        { flags: '--setupbmc', aliases: ['--sb'], value: 'y|n', help: 'set the BMC up when installing' },
        { ...generationOption, help: 'generation of the image that they get, whatever their group gets (current)' },
        { flags: '--service', aliases: ['--sv'], value: 'y|n', help: 'boot into service mode' },
        commentOption,
      ],
      async run({ luna, io }, args) {
        const names = parseHostNames(args.subject)
        const one = await luna()
        const change = given<NodeChange>({
          group: args.get('group'),
          address: addressOf(args),
          mac: args.getOrNull('mac', parseMac),
          switch: args.getOrNull('switch'),
          port: args.getOrNull('port', parsePort),
          localboot: args.get('localboot', parseYesNo),
          setupbmc: args.get('setupbmc', parseYesNo),
          service: args.get('service', parseYesNo),
          generation: args.get('generation', parsePin),
          comment: args.has('comment') ? await io.edit(await commentOf(one, names), `${names[0]}.comment`) : undefined,
        } as { [K in keyof NodeChange]: NodeChange[K] | undefined })
        await changeNodesIfWhole(one, names, change)
        if (change.switch || change.port) for (const advice of await adviseOnPorts(one, names)) io.warn(advice)
      },
    },
    discoverAction,
    renameAction(parseHostName, renameNode),
    deleteHostsAction('delete nodes', removeNodes),
  ],
}
