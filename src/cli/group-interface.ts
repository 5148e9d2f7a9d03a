import { bmcInterface, findInterface, type Group } from '../domain/group.ts'
import { parseInterfaceName } from '../domain/name.ts'
import { LunaError } from '../errors.ts'
import type { InterfaceChange } from '../operations/group-interfaces.ts'
import type { Arguments } from './arguments.ts'
import type { Io, Option } from './command.ts'
import { scriptNames } from './group-script.ts'

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

/** What `-i NAME` and the verb after it ask for; without a verb, -e edits the interface's parameters. */
export async function interfaceChangeOf(io: Io, args: Arguments, group: Group): Promise<InterfaceChange | undefined> {
  const name = nameOf(args)
  const said = verbs.filter(verb => args.has(verb))
  if (name === undefined) {
    if (said.length > 0) throw new LunaError('usage', `--${said[0]} needs an interface: -i NAME or --bmcnetwork`)
    checkEdit(args)
    return undefined
  }
  if (said.length > 1) throw new LunaError('usage', `--${said.join(' and --')} are two changes; make one at a time`)
  const [verb] = said
  if (verb === 'add') return { name, verb }
  if (verb === 'delete') return { name, verb }
  if (verb === 'setnet') return { name, verb, network: args.need('setnet') }
  if (verb === 'delnet') return { name, verb, network: args.get('delnet') }
  if (verb === 'rename') return { name, verb, newName: args.need('rename', parseInterfaceName) }
  if (args.has('edit')) return edit(io, group, name)
  throw new LunaError('usage', `say what to do with interface ${name}; ${args.seeHelp}`)
}

/** -e is said with what it edits. */
function checkEdit(args: Arguments): void {
  if (!args.has('edit') || [...scriptNames, 'comment'].some(text => args.has(text))) return
  throw new LunaError('usage', 'say what to edit: a script (--partscript -e) or an interface (-i NAME -e)')
}

function nameOf(args: Arguments): string | undefined {
  const name = args.get('interface', parseInterfaceName)
  if (!args.has('bmcnetwork')) return name
  if (name === undefined || name === bmcInterface) return bmcInterface
  throw new LunaError('usage', `--interface ${name} and --bmcnetwork are two interfaces; change one at a time`)
}

async function edit(io: Io, group: Group, name: string): Promise<InterfaceChange | undefined> {
  const params = await io.edit(findInterface(group, name)?.params ?? '', `${group.name}.${name}`)
  return params === undefined ? undefined : { name, verb: 'edit', params }
}
