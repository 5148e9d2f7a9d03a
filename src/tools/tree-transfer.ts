import type { Command } from './command.ts'
import { faithful, remoteShell } from './rsync.ts'

/** The tree of an image and the running machine that it is of. */
export interface TreeTransfer {
  /** As ssh knows it; root's. */
  host: string
  /** The image's directory here. */
  path: string
  /** Mount points there: those file systems, and nothing that is mounted below them. */
  filesystems: readonly string[]
  /** Patterns as of rsync's --exclude-from, one on a line, from the root of both trees. What they match is not deleted either. */
  excludeList: string
  /** Patterns besides. */
  excluded: readonly string[]
}

export interface TransferOptions {
  /** Only says what it would do. */
  dryRun: boolean
  /** Says how far it is. */
  progress: boolean
}

/**
 * Makes the image's tree what the machine's file systems are, with everything that rsync can keep. One run for all of them: so
 * the patterns mean the same in each. What is gone there is deleted here at the end, when everything new has come.
 */
export function grabCommand(transfer: TreeTransfer, options: TransferOptions): Command {
  const [first, ...others] = transfer.filesystems
  const sources = [`root@${bracketed(transfer.host)}:${first}`, ...others.map(path => `:${path}`)]
  return rsync(
    transfer,
    options,
    ['--relative', '--delete-delay', ...filters(transfer)],
    [...sources, `${transfer.path}/`],
  )
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** Brings the image's tree to the machine, as far as it has room in those file systems. */
export function sendCommand(transfer: TreeTransfer, options: TransferOptions & { deletes: boolean }): Command {
  const { host, path, filesystems } = transfer
  const own = ['--relative', ...(options.deletes ? ['--delete-delay'] : []), ...filters(transfer)]
  const sources = filesystems.map(one => `${path}/.${one}`)
  return rsync(transfer, options, own, [...sources, `root@${bracketed(host)}:/`])
}

/** Makes a directory of another machine what the one of the same path is here. */
export const mirrorCommand = (transfer: Pick<TreeTransfer, 'host' | 'path'>, options: TransferOptions): Command => {
  const { host, path } = transfer
  const whole = { host, path, filesystems: [], excludeList: '', excluded: [] }
  return rsync(whole, options, ['--delete-delay'], [`${path}/`, `root@${bracketed(host)}:${path}/`])
}

/** What is mounted on a machine (proc_mounts(5)). */
export const listMountsCommand = (host: string): Command => {
  const [program, ...words] = remoteShell.split(' ') as [string, ...string[]]
  return { argv: [program, ...words, `root@${host}`, 'cat', '/proc/self/mounts'], reads: true }
}

/** The directories in what `listMountsCommand` prints. */
export const parseMounts = (stdout: string): string[] => [
  ...new Set(
    stdout
      .split('\n')
      .flatMap(line => line.split(' ')[1] ?? [])
      .map(path => path.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))),
  ),
]

const filters = ({ excluded }: TreeTransfer): string[] => excluded.map(pattern => `--filter=- ${pattern}`)

function rsync(
  { excludeList }: TreeTransfer,
  { dryRun, progress }: TransferOptions,
  own: readonly string[],
  paths: readonly string[],
): Command {
  return {
    argv: [
      'rsync',
      ...faithful,
      '--sparse',
      '--modify-window=-1', // times are the same when they are to the nanosecond
      '--one-file-system',
      '--protect-args',
      '--out-format=%i %n%L',
      ...(dryRun ? ['--dry-run'] : []),
      ...(progress ? ['--info=progress2', '--outbuf=L'] : []),
      ...own,
      '--exclude-from=-',
      `--rsh=${remoteShell}`,
      ...paths,
    ],
    input: excludeList,
    env: { LC_ALL: 'C.UTF-8' }, // names as they are; where there is no such locale, in codes
    package: 'rsync',
    ...(dryRun && { reads: true }),
  }
}

/** What a line of standard output tells. */
export type TransferLine =
  | { kind: 'made' | 'deleted'; words: string }
  /** Files looked at, of those known so far. */
  | { kind: 'progress'; done: number; total: number }

export function parseTransferLine(line: string): TransferLine | undefined {
  if (line.startsWith('*deleting ')) return { kind: 'deleted', words: line }
  // rsync(1), --itemize-changes: YXcstpoguax
  if (/^[<>ch.][fdLDS][ .+?a-zA-Z]{9} ./.test(line)) return { kind: 'made', words: line }
  const [, left, total] = /^\s+[\d,]+\s+\d+%.*-chk=(\d+)\/(\d+)\)/.exec(line) ?? []
  if (left !== undefined) return { kind: 'progress', done: Number(total) - Number(left), total: Number(total) }
  return /^\s+[\d,]+\s+\d+%/.test(line) ? { kind: 'progress', done: 0, total: 0 } : undefined
}
