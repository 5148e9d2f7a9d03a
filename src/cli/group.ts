import type { Group } from '../domain/group.ts'
import { getInterface } from '../domain/group.ts'
import { parseInterfaceName, parseObjectName } from '../domain/name.ts'
import {
  addGroup,
  cloneGroup,
  type GroupChange,
  type GroupInput,
  listAllGroups,
  removeGroup,
  renameGroup,
  showGroup,
} from '../operations/groups.ts'
import { adviseOnPacks } from '../operations/osimages.ts'
import { changeGroupIfWhole } from '../operations/pins.ts'
import { deleteAction, listAction, renameAction } from './alike.ts'
import { type Arguments, given, parseYesNo } from './arguments.ts'
import { commentOption, jsonOption, type ObjectCommand, type Option } from './command.ts'
import { editComment, printComment } from './comment.ts'
import { interfaceChangeOf, interfaceOptions } from './group-interface.ts'
import { editScripts, scriptNames, scriptOptions } from './group-script.ts'
import { generationOption, parsePin } from './osimage-history.ts'
import { json, properties, yesNo } from './print.ts'

const parseName = (text: string) => parseObjectName('a group', text)

const osimageOption: Option = { flags: '-o, --osimage', value: 'OSIMAGE', help: 'image of its nodes' }
const bmcsetupOption: Option = {
  flags: '-b, --bmcsetup',
  value: 'BMCSETUP',
  help: "how its nodes' BMCs are set up ('': not)",
}

/** `''` takes a setting away. */
function settingsOf(args: Arguments): GroupChange {
  const nullable = <K extends keyof GroupChange>(key: K, option: string) =>
    args.has(option) ? { [key]: args.getOrNull(option) ?? undefined } : {}
  return {
    ...given<GroupChange>({ osimage: args.get('osimage'), seedMemory: args.get('seed_memory', parseYesNo) }),
    ...(args.has('generation') && { generation: args.get('generation', parsePin) ?? undefined }),
    ...nullable('bmcsetup', 'bmcsetup'),
    ...nullable('domain', 'domain'),
    ...nullable('torrentIf', 'torrent_if'),
    ...nullable('bootIf', 'boot_if'),
  }
}

const view = ({ id: _, interfaces, ...rest }: Group) => ({
  ...rest,
  interfaces: interfaces.map(({ name, networks, params }) => ({
    name,
    network: networks[4],
    network6: networks[6],
    params,
  })),
})

const interfaceLine = ({ name, networks, params }: Group['interfaces'][number]): string =>
  [name, networks[4], networks[6], params && `(${params.trim().split('\n').length} lines of parameters)`]
    .filter(Boolean)
    .join(' ')

const show: ObjectCommand['actions'][number] = {
  name: 'show',
  summary: 'show one, or one of its texts',
  subject: 'NAME',
  options: [
    jsonOption,
    commentOption,
    { flags: '-o, --osimage', help: 'its osimage alone' },
    { flags: '-b, --bmcsetup', help: 'its bmcsetup alone' },
    { flags: '-i, --interface', value: 'NAME', help: 'parameters of the interface alone' },
    ...scriptOptions,
  ],
  async run({ luna, io }, args) {
    const group = await showGroup(await luna(), args.subject)
    if (args.has('comment')) return printComment(io, group)
    const only = (['osimage', 'bmcsetup'] as const).find(name => args.has(name))
    if (only) return io.print(`${group[only] ?? ''}\n`)
    const scripts = scriptNames.filter(name => args.has(name))
    if (scripts.length > 0) return io.print(scripts.map(name => group[name]).join(''))
    const one = args.get('interface')
    if (one !== undefined) return io.print(getInterface(group, one).params)
    if (args.has('raw')) return io.print(json(view(group)))
    io.print(
      properties([
        ['name', group.name],
        ['osimage', group.osimage],
        ['generation', group.generation === undefined ? 'current' : `${group.generation}`],
        ['domain', group.domain ?? '-'],
        ['bmcsetup', group.bmcsetup ?? '-'],
        ['interfaces', group.interfaces.map(interfaceLine).join('\n') || '-'],
        ['boot_if', group.bootIf ?? '-'],
        ['torrent_if', group.torrentIf ?? '-'],
        ['seed_memory', yesNo(group.seedMemory)],
        ...scriptNames.map(name => [name, group[name].trimEnd() || '-'] as const),
        ['comment', group.comment || '-'],
      ]),
    )
  },
}

export const group: ObjectCommand = {
  name: 'group',
  summary: 'Groups of nodes that are alike',
  actions: [
    listAction(listAllGroups, view, {
      Name: one => one.name,
      Osimage: one => one.osimage + (one.generation === undefined ? '' : `, generation ${one.generation}`),
      Bmcsetup: one => one.bmcsetup ?? '-',
      Interfaces: one => one.interfaces.map(interfaceLine).join('\n'),
    }),
    show,
    {
      name: 'add',
      summary: 'add one',
      subject: 'NAME',
      options: [
        { ...osimageOption, required: true },
        { flags: '-N, --network', value: 'NETWORK', help: 'network of its first interface, and its domain' },
        bmcsetupOption,
        { flags: '--bmcnetwork', aliases: ['-bn'], value: 'NETWORK', help: 'network of the BMCs' },
        { flags: '-i, --interface', value: 'NAME', help: 'name of the first interface (BOOTIF)' },
      ],
      async run({ luna, io }, args) {
        const name = parseName(args.subject)
        const osimage = args.need('osimage')
        const input = given<Omit<GroupInput, 'name' | 'osimage'>>({
          network: args.get('network'),
          bmcsetup: args.get('bmcsetup'),
          bmcnetwork: args.get('bmcnetwork'),
          interface: args.get('interface', parseInterfaceName),
        })
        const one = await luna()
        await addGroup(one, { name, osimage, ...input })
        for (const advice of await adviseOnPacks(one, [osimage])) io.warn(advice)
      },
    },
    {
      name: 'change',
      summary: 'change one',
      subject: 'NAME',
      options: [
        osimageOption,
        generationOption,
        bmcsetupOption,
        { flags: '-d, --domain', value: 'NETWORK', help: "network that names its nodes' domain ('': none)" },
        {
          flags: '--torrent_if',
          aliases: ['--ti'],
          value: 'NAME',
          help: "interface by which nodes fetch images ('': the one they boot from)",
        },
        { flags: '--boot_if', value: 'NAME', help: "interface its nodes boot from ('': BOOTIF)" },
        {
          flags: '--seed_memory',
          value: 'y|n',
          help: 'nodes with their root in memory keep the compressed image there for others until they are installed (y)',
        },
        ...scriptOptions,
        ...interfaceOptions,
        commentOption,
      ],
      async run({ luna, io }, args) {
        const one = await luna()
        const present = await showGroup(one, args.subject)
        const interfaceChange = await interfaceChangeOf(io, args, present)
        const change = {
          ...settingsOf(args),
          ...(await editScripts(io, args, present)),
          ...(await editComment(io, args, present)),
        }
        await changeGroupIfWhole(one, args.subject, change, interfaceChange)
        for (const advice of await adviseOnPacks(one, change.osimage === undefined ? [] : [change.osimage]))
          io.warn(advice)
      },
    },
    renameAction(parseName, renameGroup),
    {
      name: 'clone',
      summary: 'make another like it, without nodes',
      subject: 'NAME',
      options: [{ flags: '-t, --to', value: 'NEW', help: "the new group's name", required: true }],
      run: async ({ luna }, args) => cloneGroup(await luna(), args.subject, args.need('to', parseName)),
    },
    deleteAction(removeGroup),
  ],
}
