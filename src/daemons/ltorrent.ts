import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './log.ts'
import { Publication, type PublicationSource } from './publication.ts'
import { OneCopySeeder } from './seeding/one-copy-seeder.ts'
import { createTrackerServer } from './tracker-server.ts'
import { listenOnSocket } from './unix-socket.ts'

/** Name of ltorrent's socket in the run directory. */
export const socketName = 'ltorrent.sock'
/** Name of the file that is there while nodes are given an image: lweb and nginx then leave the seeder room (nginx/luna.conf). */
const fedName = 'swarm'

const pollMs = 2000

export interface LtorrentOptions extends PublicationSource {
  log: Log
  runDirectory: string
  /** Ends the daemon. */
  signal: AbortSignal
  /** The seeder's bytes per second, each torrent for itself; undefined is no limit. */
  uploadLimit?: number | undefined
  /** Called with the socket's path once it answers. */
  onListening?: (socketPath: string) => void
}

/**
 * The tracker and the head's seeder in one process: listens on RUNDIR/ltorrent.sock before anything else, then follows
 * what is published, live. Needs no privileges but to read the files that it seeds.
 * @returns when `signal` is aborted and no child is left
 * @throws LunaError when the socket cannot be had
 */
export async function runLtorrent(options: LtorrentOptions): Promise<void> {
  const { log, signal } = options
  const fedPath = join(options.runDirectory, fedName)
  const seeder = new OneCopySeeder(options)
  const publication = new Publication(options, seeder, log)
  const server = createTrackerServer(publication, log)
  const socketPath = join(options.runDirectory, socketName)
  await listenOnSocket(server, socketPath)
  log.info({}, `ltorrent listens in ${options.runDirectory}`)
  options.onListening?.(socketPath)
  try {
    while (!signal.aborted) {
      await publication.refresh()
      // a full /run must not end the seeding
      await (publication.feeds() ? writeFile(fedPath, '') : rm(fedPath, { force: true })).catch(() => {})
      await sleep(pollMs, undefined, { signal }).catch(() => {})
    }
  } finally {
    await rm(fedPath, { force: true })
    server.close()
    server.closeAllConnections()
    await Promise.all([seeder.stop(), once(server, 'close')])
  }
}
