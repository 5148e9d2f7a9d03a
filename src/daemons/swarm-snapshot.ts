import type { SwarmPeer, SwarmSnapshot } from '../domain/swarm.ts'
import type { PublishedTorrent } from '../operations/published-torrents.ts'
import type { Peer } from '../torrent/peer.ts'
import type { Tracker } from '../torrent/tracker.ts'
import type { Seeder } from './seeder.ts'

/** All that is known, for GET /swarm. */
export const renderSwarm = (
  torrents: readonly PublishedTorrent[],
  tracker: Pick<Tracker, 'findSwarm'>,
  seeder: Pick<Seeder, 'find'>,
): SwarmSnapshot => ({
  torrents: torrents.map(({ infoHash, name, sizeBytes }) => ({
    info_hash: infoHash,
    name,
    size: sizeBytes,
    seeding: seeder.find(infoHash)?.seeding ?? false,
    peers: (tracker.findSwarm(infoHash)?.peers ?? []).map(renderPeer),
  })),
})

const renderPeer = (peer: Peer): SwarmPeer => ({
  node: peer.node ?? null,
  ip: peer.address.text,
  port: peer.port,
  left: peer.left,
  downloaded: peer.downloaded,
  uploaded: peer.uploaded,
  rate: Math.round(peer.rate),
  last_seen_ms: peer.lastSeenMs,
})
