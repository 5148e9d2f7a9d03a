import { type Address, formatAddress } from '../domain/address.ts'
import type { Command } from './command.ts'

export interface MirrorInput {
  /** Directory here and there, without a slash at the end. */
  path: string
  to: Address
  /** Paths below it, beginning with a slash, that are neither copied nor deleted there. */
  excluded: readonly string[]
  /** Paths below it that stay there even when they are not here. */
  kept: readonly string[]
}

/** What needs no question: nobody sits at the terminal of a cron job. */
export const remoteShell = 'ssh -o BatchMode=yes -o ConnectTimeout=10'

/** What rsync keeps of files when it is told to. */
export const faithful = ['--archive', '--hard-links', '--acls', '--xattrs', '--numeric-ids'] as const

/** Brings what is new here to the other machine: every file is put in its place when all have come. Nothing is deleted. */
export const copyCommand = (input: MirrorInput): Command => rsync(input, ['--delay-updates'])

/** Deletes there what is not here. */
export const cleanCommand = (input: MirrorInput): Command => rsync(input, ['--delete'])

function rsync({ path, to, excluded, kept }: MirrorInput, options: readonly string[]): Command {
  const host = to.version === 6 ? `[${formatAddress(to)}]` : formatAddress(to)
  return {
    argv: [
      'rsync',
      ...faithful,
      '--filter=merge -',
      ...options,
      `--rsh=${remoteShell}`,
      `${path}/`,
      `root@${host}:${path}/`,
    ],
    input: [...excluded.map(name => `- ${literal(name)}`), ...kept.map(name => `P ${literal(name)}`), ''].join('\n'),
    package: 'rsync',
  }
}

/** rsync(1), "PATTERN MATCHING RULES": in a rule these stand for themselves behind a backslash; without a wildcard that is one already. */
export const literal = (name: string): string => (/[*?[]/.test(name) ? name.replace(/[*?[\\]/g, '\\$&') : name)

/** Exit status of rsync when files went away while it read them. */
export const vanishedStatus = 24

/** What ssh says when there is no session; rsync may end before it hears of ssh's status. */
const noSession = /^(ssh: |Host key verification failed|.*: Permission denied \()/m

/** rsync(1), EXIT VALUES: why it failed with another machine, as far as status and words say. */
export function explainRsync(status: number | undefined, said: string, host: string): string | undefined {
  if (status === 255 || noSession.test(said)) return `can root log in there by its key? try: ssh root@${host} true`
  if (/^setpriv: /m.test(said)) return 'is rsync installed here?'
  if (status === 12 || status === 127) return 'is rsync installed there?'
  return status === vanishedStatus ? 'files went away meanwhile; run it again' : undefined
}
