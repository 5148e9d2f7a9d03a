import { findSeederUploadLimit } from '../config.ts'
import { formatAddress } from '../domain/address.ts'
import { showCluster } from '../operations/clusters.ts'
import { nodePlaces } from '../operations/node-places.ts'
import { publishedTorrents } from '../operations/published-torrents.ts'
import { recordStorms } from '../operations/storms.ts'
import type { DaemonContext } from './control.ts'
import { findHeadNetworks } from './head-networks.ts'
import { runLtorrent } from './ltorrent.ts'

/** Tracks and seeds what the store says is published, until told to end. */
export async function serveLtorrent({ luna, log, signal, ready }: DaemonContext): Promise<void> {
  const { config } = luna
  await runLtorrent({
    log,
    signal,
    runDirectory: config.runDirectory,
    uploadLimit: findSeederUploadLimit(),
    published: () => publishedTorrents(luna),
    clusterSettings: async () => {
      const cluster = await showCluster(luna)
      return {
        intervalSeconds: cluster.trackerInterval,
        minIntervalSeconds: cluster.trackerMinInterval,
        maxPeers: cluster.trackerMaxpeers,
        headAddresses: cluster.frontendAddress ? [formatAddress(cluster.frontendAddress)] : [],
        listenPorts: { min: cluster.torrentListenPortMin, max: cluster.torrentListenPortMax },
      }
    },
    nodePlaces: () => nodePlaces(luna),
    headNetworks: findHeadNetworks,
    recordStorms: infoHash => recordStorms(luna, infoHash),
    onListening: socketPath => {
      luna.privileges.shareWithWebServer(socketPath)
      ready('ltorrent is listening for lweb and nginx')
    },
  })
}
