import type { Announce } from './announce.ts'
import { newPeer, type Peer, type PeerSite, updatePeer } from './peer.ts'
import type { PeerAddress } from './peer-address.ts'
import { sampleNearFirst } from './peer-sample.ts'

const nowhere: PeerSite = { switchId: undefined, torrentEndpoint: undefined }

/** The peers of one torrent, in memory only. The head's own seeder is not among them. */
export class Swarm {
  /** How often a client reported that it has just completed. */
  completions = 0
  #peers: Peer[] = []
  #complete = 0
  readonly #byEndpoint = new Map<string, Peer>()
  /** Those whose switch is known, by its number. */
  #bySwitch = new Map<number, Peer[]>()
  readonly #random: () => number

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** In no order. */
  get peers(): readonly Peer[] {
    return this.#peers
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

  /** Up to `count` peers for that one, of its own switch first: never itself, and for a seeder only those that lack something. */
  sample(count: number, asking: Peer): Peer[] {
    const wanted = (peer: Peer) => peer !== asking && (asking.left > 0 || peer.left > 0)
    const near = this.#neighboursOf(asking) ?? []
    const isNear = ({ switchId }: Peer) => switchId !== undefined && switchId === asking.switchId
    return sampleNearFirst({ peers: this.#peers, near, isNear }, count, wanted, this.#random)
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
    this.#peers.push(peer)
    this.#neighboursOf(peer)?.push(peer)
    this.#byEndpoint.set(endpoint, peer)
    this.#count()
    return peer
  }

  #remove(gone: (peer: Peer) => boolean): void {
    if (!this.#peers.some(gone)) return
    for (const peer of this.#peers) if (gone(peer)) this.#byEndpoint.delete(`${peer.address.text} ${peer.port}`)
    this.#peers = this.#peers.filter(peer => !gone(peer))
    for (const [switchId, near] of this.#bySwitch)
      this.#bySwitch.set(
        switchId,
        near.filter(peer => !gone(peer)),
      )
    this.#count()
  }

  /** All at its switch, itself included; undefined when that is not known. */
  #neighboursOf({ switchId }: Peer): Peer[] | undefined {
    if (switchId === undefined) return undefined
    const present = this.#bySwitch.get(switchId) ?? []
    this.#bySwitch.set(switchId, present)
    return present
  }

  #count(): void {
    this.#complete = this.#peers.filter(peer => peer.left === 0).length
  }
}
