import type { Command } from './command.ts'

export interface SeedInput {
  torrentPath: string
  /** Directory of the file that the torrent is of. */
  dataDirectory: string
  /** TCP port to listen on, free on IPv4 and IPv6. */
  port: number
  /** Process without which the seeder has no reason to live. */
  parentPid: number
  /** Bytes per second; undefined is as much as the link carries. */
  uploadLimit?: number | undefined
}

/**
 * aria2c seeding one torrent until it is killed; it writes nothing, and needs only to read the file.
 *
 * The kernel kills it with its parent (setpriv), and should the parent have died before setpriv said so, aria2 sees it
 * within a second (--stop-with-process). It does not ask the tracker, which is its parent and names it anyway. It does not
 * read the whole file first, which was hashed when it was packed: after a crash in the middle of a storm of booting nodes
 * that would be the difference between at once and a minute.
 */
export const seedCommand = (input: SeedInput): Command => ({
  // the daemon reads from its messages that it listens
  env: { LC_ALL: 'C' },
  argv: [
    'setpriv',
    '--pdeathsig',
    'KILL',
    'aria2c',
    '--no-conf=true',
    `--stop-with-process=${input.parentPid}`,
    `--dir=${input.dataDirectory}`,
    `--listen-port=${input.port}`,
    '--bt-seed-unverified=true',
    '--seed-ratio=0.0',
    '--bt-max-peers=0',
    `--max-overall-upload-limit=${input.uploadLimit ?? 0}`,
    '--bt-exclude-tracker=*',
    '--enable-dht=false',
    '--enable-dht6=false',
    '--bt-enable-lpd=false',
    '--async-dns=false',
    '--show-console-readout=false',
    '--summary-interval=0',
    '--console-log-level=notice',
    '--enable-color=false',
    `--torrent-file=${input.torrentPath}`,
  ],
})
