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
  const downloads = new Map<string, Download>()
  for (const torrent of snapshot?.torrents ?? [])
    for (const peer of torrent.peers)
      if (peer.node !== null)
        downloads.set(peer.node, {
          percent: percentageOf(torrent, peer),
          rateBytesPerSecond: peer.rate,
          fromPeersPercent: peersPercentageOf(torrent, peer),
        })
  return downloads
}
