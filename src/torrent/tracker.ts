import { LunaError } from '../errors.ts'
import type { Announce } from './announce.ts'
import type { AnnounceAnswer } from './announce-answer.ts'
import type { Endpoint } from './peer.ts'
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
  /** Where the head itself seeds a torrent: the first in every answer. */
  readonly #headOf: (infoHash: string) => readonly Endpoint[]

  constructor(settings: TrackerSettings, headOf: (infoHash: string) => readonly Endpoint[]) {
    this.settings = settings
    this.#headOf = headOf
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
    const head = this.#headOf(announce.infoHash)
    const peer = swarm.announce(announce, address, nowMs)
    const count = Math.min(announce.numWant ?? defaultNumWant, this.settings.maxPeers)
    const named = head.slice(0, count)
    const complete = swarm.complete
    return {
      intervalSeconds: this.settings.intervalSeconds,
      minIntervalSeconds: this.settings.minIntervalSeconds,
      complete: complete + (head.length > 0 ? 1 : 0),
      incomplete: swarm.peers.length - complete,
      peers: peer ? [...named, ...swarm.sample(count - named.length, peer)] : [],
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

  /** Forgets peers that fell silent. */
  expire(nowMs: number): void {
    const patienceMs = missedAnnounces * this.settings.intervalSeconds * 1000
    for (const swarm of this.#swarms.values()) swarm.expire(nowMs - patienceMs)
  }

  #getSwarm(infoHash: string): Swarm {
    const swarm = this.#swarms.get(infoHash)
    if (swarm) return swarm
    throw new LunaError('notFound', `torrent ${infoHash} is not published here`)
  }
}
