import type { PublishedTorrent } from '../operations/published-torrents.ts'
import type { PortRange } from './free-port.ts'

export interface SeedStatus {
  infoHash: string
  /** TCP port of the head; undefined until one is found. */
  port: number | undefined
  /** Accepts connections. */
  seeding: boolean
}

/** What the head sees of a peer that is connected to its seeder. */
export interface PeerProgress {
  /** As in PeerAddress. */
  address: string
  haveBytes: number
  bytesPerSecond: number
  sentBytes: number
}

/** Whatever gives the head's copies to the nodes. */
export interface Seeder {
  /** Seeds exactly these from now on; those already seeded are not disturbed. */
  follow(torrents: readonly PublishedTorrent[], ports: PortRange): void
  find(infoHash: string): SeedStatus | undefined
  /** Those that are connected now; one address may come twice. */
  progress(infoHash: string): readonly PeerProgress[]
  /** Resolves when the torrent is being seeded, or its first try has failed. At once when it is not followed. */
  settled(infoHash: string): Promise<void>
  /** Resolves when nothing is left running. */
  stop(): Promise<void>
}
