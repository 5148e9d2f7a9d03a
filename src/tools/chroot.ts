import { join } from 'node:path'
import type { Command } from './command.ts'
import { tied } from './tied.ts'

export interface ChrootInput {
  /** Directory of the programs `luna-foreground` and `luna-chroot`. */
  libexecDirectory: string
  /** The image's directory. */
  path: string
  /** The image's name, for the prompt. */
  name: string
  /** None: a shell. */
  command: readonly string[]
}

/**
 * A command, or a shell, in an image. With this process die the command, all that it started, and what was mounted for it.
 * Exit status: the command's; 128 and the signal's number when a signal ended it; 125 when it could not be run in there.
 */
export function chrootCommand({ libexecDirectory, path, name, command }: ChrootInput): Command {
  const inside = tied({ argv: [join(libexecDirectory, 'luna-chroot'), path, name, ...command] }, { mounts: true })
  return { argv: ['setpriv', '--pdeathsig', 'KILL', join(libexecDirectory, 'luna-foreground'), ...inside.argv] }
}
