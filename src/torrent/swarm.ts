import type { Announce } from './announce.ts'
import { Neighbourhood } from './neighbourhood.ts'
import { newPeer, type Peer, type PeerSite, updatePeer } from './peer.ts'
import type { PeerAddress } from './peer-address.ts'

const nowhere: PeerSite = { switchId: undefined, torrentEndpoint: undefined }

/** The peers of one torrent, in memory only. The head's own seeder is not among them. */
export class Swarm {
  /** How often a client reported that it has just completed. */
  completions = 0
  #complete = 0
  readonly #byEndpoint = new Map<string, Peer>()
  readonly #neighbourhood = new Neighbourhood<Peer>()

  /** In no order. */
  get peers(): readonly Peer[] {
    return [...this.#neighbourhood.members]
  }

  /** Peers that have everything. */
  get complete(): number {
    return this.#complete
  }

  /** @returns the peer, or undefined when it took its leave */
  announce(announce: Announce, address: PeerAddress, nowMs: number, site = nowhere): Peer | undefined {
    const endpoint = `${address.text} ${announce.port}`
    const present = this.#byEndpoint.get(endpoint)
    const same = present?.peerId.equals(announce.peerId) ? present : undefined
    if (announce.event === 'stopped') {
      // the farewell of a client that is gone must not remove the one which has its port now
      if (same) this.#remove(peer => peer === same)
      return undefined
    }
    if (announce.event === 'completed') this.completions++
    return same ? this.#update(same, announce, nowMs) : this.#add(endpoint, newPeer(announce, address, nowMs, site))
  }

  /** Up to `count` neighbours of that one, those at its switch first; for a seeder only such that lack something. */
  neighbours(count: number, asking: Peer): Peer[] {
    const all = this.#neighbourhood.neighbours(asking, asking.announces > 1)
    return all.filter(({ left }) => asking.left > 0 || left > 0).slice(0, count)
  }

  /** Forgets whoever was last heard of before that moment. */
  expire(silentSinceMs: number): void {
    this.#remove(peer => peer.lastSeenMs < silentSinceMs)
  }

  #update(peer: Peer, announce: Announce, nowMs: number): Peer {
    const wasComplete = peer.left === 0
    updatePeer(peer, announce, nowMs)
    if (wasComplete !== (peer.left === 0)) this.#count()
    return peer
  }

  #add(endpoint: string, peer: Peer): Peer {
    const { address, port, node } = peer
    // a node that was reset cannot say goodbye: its new client replaces the old, whatever port that had
    const replaced = (other: Peer) =>
      other.address.text === address.text && (other.port === port || (node !== undefined && other.node === node))
    this.#remove(replaced)
    this.#neighbourhood.add(peer, peer.switchId)
    this.#byEndpoint.set(endpoint, peer)
    this.#count()
    return peer
  }

  #remove(gone: (peer: Peer) => boolean): void {
    const leaving = this.peers.filter(gone)
    if (leaving.length === 0) return
    for (const peer of leaving) {
      this.#byEndpoint.delete(`${peer.address.text} ${peer.port}`)
      this.#neighbourhood.remove(peer)
    }
    this.#count()
  }

  #count(): void {
    this.#complete = this.peers.filter(peer => peer.left === 0).length
  }
}
