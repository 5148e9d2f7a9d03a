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
  /** Version of the kernel that it is to see; the head's when the image has none. */
  kernver: string | undefined
  /** None: a shell. */
  command: readonly string[]
}

/**
 * Finds one thing of an image that changed after that moment. Not told apart are names that lchroot itself covers in /etc, and what
 * a shell remembers of itself.
 */
export const findNewerCommand = (path: string, sinceMs: number): Command => ({
  argv: [
    ...(['find', path, '-xdev', '-newerct', `@${sinceMs / 1000}`] as const),
    ...['/etc', '/root', '/root/.bash_history'].flatMap(name => ['!', '-path', `${path}${name}`]),
    ...['-print', '-quit'],
  ],
  reads: true,
})

/**
 * A command, or a shell, in an image. With this process die the command, all that it started, and what was mounted for it.
 * Exit status: the command's; 128 and the signal's number when a signal ended it; 125 when it could not be run in there.
 */
export function chrootCommand({ libexecDirectory, path, name, kernver = '', command }: ChrootInput): Command {
  const inside = tied(
    { argv: [join(libexecDirectory, 'luna-chroot'), path, name, kernver, ...command] },
    { mounts: true },
  )
  return { argv: ['setpriv', '--pdeathsig', 'KILL', join(libexecDirectory, 'luna-foreground'), ...inside.argv] }
}
