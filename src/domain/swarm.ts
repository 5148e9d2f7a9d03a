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
  /** Bytes per second, from its last two announces. */
  rate: number
  /** Milliseconds since 1970. */
  last_seen_ms: number
}

/** How much of the torrent the peer has, 0 to 100. */
export const percentageOf = (torrent: Pick<SwarmTorrent, 'size'>, peer: Pick<SwarmPeer, 'left'>): number =>
  (100 * Math.max(0, torrent.size - peer.left)) / torrent.size
