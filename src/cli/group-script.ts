import type { Group } from '../domain/group.ts'
import type { Arguments } from './arguments.ts'
import type { Io, Option } from './command.ts'

/** The scripts that a group's nodes run while they install, in their order. */
export const scriptNames = ['prescript', 'partscript', 'postscript'] as const

export const scriptOptions: readonly Option[] = [
  { flags: '--prescript', aliases: ['--pre'], help: 'the script run first' },
  { flags: '--partscript', aliases: ['--part'], help: 'the script that mounts /sysroot' },
  { flags: '--postscript', aliases: ['--post'], help: 'the script run last, in /sysroot' },
]

/** The scripts named on the command line as edited; none when nothing changed. */
export async function editScripts(
  io: Io,
  args: Arguments,
  group: Group,
): Promise<Partial<Record<(typeof scriptNames)[number], string>>> {
  const changes: Partial<Record<(typeof scriptNames)[number], string>> = {}
  for (const name of scriptNames) {
    if (!args.has(name)) continue
    const changed = await io.edit(group[name], `${group.name}.${name}`)
    if (changed !== undefined) changes[name] = changed
  }
  return changes
}
