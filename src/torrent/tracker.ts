import { LunaError } from '../errors.ts'
import type { Announce } from './announce.ts'
import type { AnnounceAnswer } from './announce-answer.ts'
import { type Endpoint, endpointOf, type Peer, type PeerPlace, type PeerSite } from './peer.ts'
import type { PeerAddress } from './peer-address.ts'
import type { ScrapedTorrent } from './scrape-answer.ts'
import { Swarm } from './swarm.ts'

export interface TrackerSettings {
  /** How often peers shall announce, and how often they may. */
  intervalSeconds: number
  minIntervalSeconds: number
  /** The most peers that one answer names. */
  maxPeers: number
}

/** BEP 3: what a client gets that does not say how many it wants. */
const defaultNumWant = 50
/** A peer that missed this many announces is gone. */
const missedAnnounces = 3

/** All swarms of a head. Sans-I/O: it is told the time and the bytes, and answers with values. */
export class Tracker {
  settings: TrackerSettings
  readonly #swarms = new Map<string, Swarm>()
  /** Where the head itself seeds a torrent, as that peer reaches it: the first in every answer. */
  readonly #headOf: (infoHash: string, peer?: Endpoint) => readonly Endpoint[]
  readonly #placeOf: (address: PeerAddress) => PeerPlace | undefined

  constructor(
    settings: TrackerSettings,
    headOf: (infoHash: string, peer?: Endpoint) => readonly Endpoint[],
    placeOf: (address: PeerAddress) => PeerPlace | undefined = () => undefined,
  ) {
    this.settings = settings
    this.#headOf = headOf
    this.#placeOf = placeOf
  }

  /** Tracks exactly these torrents from now on; the peers of those that stay are kept. */
  follow(infoHashes: readonly string[]): void {
    const published = new Set(infoHashes)
    for (const infoHash of this.#swarms.keys()) if (!published.has(infoHash)) this.#swarms.delete(infoHash)
    for (const infoHash of published) if (!this.#swarms.has(infoHash)) this.#swarms.set(infoHash, new Swarm())
  }

  findSwarm(infoHash: string): Swarm | undefined {
    return this.#swarms.get(infoHash)
  }

  /** @throws LunaError notFound when the torrent is not tracked */
  announce(announce: Announce, address: PeerAddress, nowMs: number): AnnounceAnswer {
    const swarm = this.#getSwarm(announce.infoHash)
    const peer = swarm.announce(announce, address, nowMs, this.#siteOf(announce, address))
    const head = this.#headOf(announce.infoHash, peer?.torrentEndpoint)
    const count = Math.min(announce.numWant ?? defaultNumWant, this.settings.maxPeers)
    const named = head.slice(0, count)
    const complete = swarm.complete
    return {
      intervalSeconds: this.settings.intervalSeconds,
      minIntervalSeconds: this.settings.minIntervalSeconds,
      complete: complete + (head.length > 0 ? 1 : 0),
      incomplete: swarm.peers.length - complete,
      peers: peer ? [...named, ...swarm.neighbours(count - named.length, peer).map(reachableFrom(peer))] : [],
    }
  }

  /** @param infoHashes none means all; unknown ones are left out */
  scrape(infoHashes: readonly string[]): ScrapedTorrent[] {
    const wanted = infoHashes.length > 0 ? new Set(infoHashes) : this.#swarms.keys()
    return [...wanted].flatMap(infoHash => {
      const swarm = this.#swarms.get(infoHash)
      if (!swarm) return []
      const complete = swarm.complete
      const head = this.#headOf(infoHash).length > 0 ? 1 : 0
      const incomplete = swarm.peers.length - complete
      return [{ infoHash, complete: complete + head, incomplete, downloaded: swarm.completions }]
    })
  }

  /** How long a peer may be silent. */
  get patienceMs(): number {
    return missedAnnounces * this.settings.intervalSeconds * 1000
  }

  /** Forgets peers that fell silent. */
  expire(nowMs: number): void {
    for (const swarm of this.#swarms.values()) swarm.expire(nowMs - this.patienceMs)
  }

  /** A client may say any `ip=` (BEP 3): only that counts which is its node's. */
  #siteOf({ ip, port, peerId }: Announce, address: PeerAddress): PeerSite {
    const place = this.#placeOf(address)
    const said = ip && this.#placeOf(ip)
    const isOwn = said?.forTorrent && said.nodeId === place?.nodeId
    return { switchId: place?.switchId, torrentEndpoint: isOwn ? { ...endpointOf(ip!, port), peerId } : undefined }
  }

  #getSwarm(infoHash: string): Swarm {
    const swarm = this.#swarms.get(infoHash)
    if (swarm) return swarm
    throw new LunaError('notFound', `torrent ${infoHash} is not published here`)
  }
}

/** Who has an interface for the torrent alone reaches others by theirs, and those that have none where everybody does. */
const reachableFrom =
  ({ torrentEndpoint }: Peer) =>
  (peer: Peer): Endpoint =>
    (torrentEndpoint && peer.torrentEndpoint) ?? peer
