import type { Cluster } from '../domain/cluster.ts'
import type { Luna } from '../luna.ts'
import { showCluster } from '../operations/clusters.ts'
import type { Log } from './log.ts'
import { dropPidFile, takePidFile } from './pid-file.ts'
import { pidFileOf } from './start-stop.ts'

const settings: Readonly<Record<string, 'lwebPidfile' | 'torrentPidfile'>> = {
  lweb: 'lwebPidfile',
  ltorrent: 'torrentPidfile',
}

const placeOf = (name: string, cluster: Cluster): string => cluster[settings[name]!]

/**
 * Serves with the process's number in the file that the cluster's settings name, for whoever watches the daemons; start and stop go by
 * the one in the run directory, which needs no cluster. Written as the cluster's user, so that it can be no other's file.
 */
export async function withFurtherPidFile(name: string, luna: Luna, log: Log, serve: () => Promise<void>) {
  const path = placeOf(name, await showCluster(luna))
  const wanted = path !== '' && path !== pidFileOf(name, luna.config)
  try {
    if (wanted) takePidFile(name, path)
  } catch (error) {
    log.warn({}, `cannot write the pid file ${path}: ${(error as Error).message}`)
  }
  await serve().finally(() => wanted && drop(path))
}

function drop(path: string): void {
  try {
    dropPidFile(path)
  } catch {} // the directory has been taken away from the user meanwhile
}
