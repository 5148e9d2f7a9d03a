import { peersPercentageOf, percentageOf } from '../domain/swarm.ts'
import type { Luna } from '../luna.ts'

export interface Download {
  /** 0 to 100. */
  percent: number
  rateBytesPerSecond: number
  /** How much of what it has came from other nodes; undefined when that is not known. */
  fromPeersPercent: number | undefined
}

/** How far each node is, as the tracker on this head knows it: by node name, none when ltorrent is not running. */
export async function findDownloads({ swarm }: Pick<Luna, 'swarm'>): Promise<Map<string, Download>> {
  const snapshot = await swarm.read()
  const peers = (snapshot?.torrents ?? []).flatMap(torrent => torrent.peers.map(peer => ({ torrent, peer })))
  const downloads = new Map<string, Download>()
  // a node that was reset midway is still known in the swarm of the image that it had begun with: what it said last counts
  for (const { torrent, peer } of peers.toSorted((a, b) => a.peer.last_seen_ms - b.peer.last_seen_ms))
    if (peer.node !== null)
      downloads.set(peer.node, {
        percent: percentageOf(torrent, peer),
        rateBytesPerSecond: peer.rate,
        fromPeersPercent: peersPercentageOf(torrent, peer),
      })
  return downloads
}
