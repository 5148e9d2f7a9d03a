import { bmcInterface, findInterface, type Group } from '../domain/group.ts'
import { parseInterfaceName } from '../domain/name.ts'
import { LunaError } from '../errors.ts'
import {
  addInterface,
  removeInterface,
  renameInterface,
  setInterfaceNetwork,
  setInterfaceParams,
  unsetInterfaceNetwork,
} from '../operations/groups.ts'
import type { Arguments } from './arguments.ts'
import type { Context, Io, Option } from './command.ts'

type Luna = Awaited<ReturnType<Context['luna']>>

export const interfaceOptions: readonly Option[] = [
  { flags: '-i, --interface', value: 'NAME', help: 'the interface that the following options are about' },
  { flags: '--bmcnetwork', aliases: ['-bn'], help: 'the same as --interface BMC' },
  { flags: '-A, --add', help: 'add the interface' },
  { flags: '-D, --delete', help: 'delete the interface' },
  { flags: '--setnet', aliases: ['--sn'], value: 'NETWORK', help: 'put it into the network' },
  { flags: '--delnet', aliases: ['--dn'], value: '[NETWORK]', help: 'take it out of its network' },
  { flags: '--rename', aliases: ['--newname', '--nn'], value: 'NEW', help: 'give it another name' },
  { flags: '-e, --edit', help: 'edit the script or the parameters' },
]

const verbs = ['add', 'delete', 'setnet', 'delnet', 'rename'] as const

/** What `-i NAME` and the verbs after it ask for; without a verb, -e edits the interface's parameters. */
export async function changeInterface(luna: Luna, io: Io, args: Arguments, group: Group): Promise<void> {
  const name = args.has('bmcnetwork') ? bmcInterface : args.get('interface', parseInterfaceName)
  const said = verbs.filter(verb => args.has(verb))
  if (name === undefined) {
    if (said.length > 0) throw new LunaError('usage', `--${said[0]} needs an interface: -i NAME or --bmcnetwork`)
    return
  }
  if (said.length > 1) throw new LunaError('usage', `--${said.join(' and --')} are two changes; make one at a time`)
  if (said[0]) return applyVerb(luna, args, group.name, name, said[0])
  if (!args.has('edit'))
    throw new LunaError('usage', `say what to do with interface ${name}; see: luna group change --help`)
  const changed = await io.edit(findInterface(group, name)?.params ?? '', `${group.name}.${name}`)
  if (changed !== undefined) await setInterfaceParams(luna, group.name, name, changed)
}

async function applyVerb(
  luna: Luna,
  args: Arguments,
  group: string,
  name: string,
  verb: (typeof verbs)[number],
): Promise<void> {
  if (verb === 'add') return addInterface(luna, group, name)
  if (verb === 'delete') return removeInterface(luna, group, name)
  if (verb === 'rename') return renameInterface(luna, group, name, args.need('rename', parseInterfaceName))
  if (verb === 'setnet') return setInterfaceNetwork(luna, group, name, args.need('setnet'))
  return unsetInterfaceNetwork(luna, group, name, args.get('delnet'))
}
