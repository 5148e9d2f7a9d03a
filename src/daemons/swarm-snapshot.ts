import type { SwarmPeer, SwarmSnapshot } from '../domain/swarm.ts'
import type { PublishedTorrent } from '../operations/published-torrents.ts'
import type { Peer } from '../torrent/peer.ts'
import type { Tracker } from '../torrent/tracker.ts'
import type { PeerProgress, Seeder } from './seeder.ts'

/** All that is known, for GET /swarm. */
export const renderSwarm = (
  torrents: readonly PublishedTorrent[],
  tracker: Pick<Tracker, 'findSwarm'>,
  seeder: Pick<Seeder, 'find' | 'progress'>,
): SwarmSnapshot => ({
  torrents: torrents.map(({ infoHash, name, sizeBytes }) => {
    const progress = Map.groupBy(seeder.progress(infoHash), ({ address }) => address)
    const peers = tracker.findSwarm(infoHash)?.peers ?? []
    return {
      info_hash: infoHash,
      name,
      size: sizeBytes,
      seeding: seeder.find(infoHash)?.seeding ?? false,
      peers: peers.map(peer => renderPeer(peer, sizeBytes, findProgress(peer, progress))),
    }
  }),
})

/** A node connects from the one or the other of its addresses; of two programs at one address nobody can tell which is which. */
function findProgress(
  { address, torrentEndpoint }: Peer,
  progress: ReadonlyMap<string, readonly PeerProgress[]>,
): PeerProgress | undefined {
  const own = [address, torrentEndpoint?.address].flatMap(one => (one && progress.get(one.text)) ?? [])
  return own.length === 1 ? own[0] : undefined
}

/** What the seeder hears with every piece is newer than the last announce. */
const renderPeer = (peer: Peer, sizeBytes: number, progress: PeerProgress | undefined): SwarmPeer => ({
  node: peer.node ?? null,
  ip: peer.address.text,
  port: peer.port,
  left: progress ? Math.min(peer.left, sizeBytes - progress.haveBytes) : peer.left,
  downloaded: peer.downloaded,
  uploaded: peer.uploaded,
  rate: Math.round(progress?.bytesPerSecond ?? peer.rate),
  from_head: progress?.sentBytes ?? null,
  last_seen_ms: peer.lastSeenMs,
})
