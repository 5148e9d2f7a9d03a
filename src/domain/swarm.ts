/** What ltorrent knows of the swarms right now: the answer of GET /swarm on its socket. None of it is ever stored. */
export interface SwarmSnapshot {
  torrents: readonly SwarmTorrent[]
}

export interface SwarmTorrent {
  /** 40 hexadecimal digits. */
  info_hash: string
  /** File name, such as compute-17.tar.zst. */
  name: string
  /** Bytes. */
  size: number
  /** Whether the head's own seeder accepts connections. */
  seeding: boolean
  peers: readonly SwarmPeer[]
}

export interface SwarmPeer {
  /** Null when the announce URL did not say whose it is. */
  node: string | null
  ip: string
  port: number
  /** Bytes that it still lacks, and that it has received and sent since its start. */
  left: number
  downloaded: number
  uploaded: number
  /** Bytes per second; from its last two announces where the head's seeder does not hear of each piece. */
  rate: number
  /** Bytes that the head's seeder has sent to it; null when it is not connected. */
  from_head: number | null
  /** Milliseconds since 1970. */
  last_seen_ms: number
}

/** How much of what a peer has came from other nodes, 0 to 100; undefined when that is not known. */
export function peersPercentageOf(
  { size }: Pick<SwarmTorrent, 'size'>,
  { left, from_head }: SwarmPeer,
): number | undefined {
  const have = size - left
  return from_head === null || have <= 0 ? undefined : (100 * Math.max(0, have - from_head)) / have
}

/** How much of the torrent the peer has, 0 to 100. */
export const percentageOf = (torrent: Pick<SwarmTorrent, 'size'>, peer: Pick<SwarmPeer, 'left'>): number =>
  (100 * Math.max(0, torrent.size - peer.left)) / torrent.size
