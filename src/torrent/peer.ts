import type { Announce } from './announce.ts'
import { compactPeer, type PeerAddress } from './peer-address.ts'

/** Where a peer can be reached. */
export interface Endpoint {
  address: PeerAddress
  port: number
  /** Address and port in 6 or 18 bytes. */
  compact: Buffer
  /** Undefined for the head's seeder, whose id the tracker does not know. */
  peerId: Buffer | undefined
}

/** What the head knows of an address. */
export interface PeerPlace {
  /** Number of the node that has it. */
  nodeId: number
  /** Number of the switch that the node is plugged in. */
  switchId: number | undefined
  /** It is of the node's interface for the torrent. */
  forTorrent: boolean
}

/** Where a peer is, besides at its address. */
export type PeerSite = Pick<Peer, 'switchId' | 'torrentEndpoint'>

/** A peer of a swarm as its last announce left it. */
export interface Peer extends Endpoint {
  peerId: Buffer
  node: string | undefined
  switchId: number | undefined
  /** Where those reach it that have an interface for the torrent, too. */
  torrentEndpoint: Endpoint | undefined
  announces: number
  left: number
  downloaded: number
  uploaded: number
  /** Bytes per second that it received between two announces; 0 before there are two. */
  rate: number
  lastSeenMs: number
  /** What `rate` is measured from. */
  measuredMs: number
  measuredDownloaded: number
}

/** Announces closer together than this (started, completed) say nothing about a rate. */
const shortestMeasureMs = 1000

export const endpointOf = (address: PeerAddress, port: number): Endpoint => ({
  address,
  port,
  compact: compactPeer(address, port),
  peerId: undefined,
})

export const newPeer = (announce: Announce, address: PeerAddress, nowMs: number, site: PeerSite): Peer => ({
  ...endpointOf(address, announce.port),
  ...site,
  peerId: announce.peerId,
  node: announce.node,
  announces: 1,
  left: announce.left,
  downloaded: announce.downloaded,
  uploaded: announce.uploaded,
  rate: 0,
  lastSeenMs: nowMs,
  measuredMs: nowMs,
  measuredDownloaded: announce.downloaded,
})

/** Takes a further announce of the same client. */
export function updatePeer(peer: Peer, announce: Announce, nowMs: number): void {
  peer.node = announce.node
  peer.announces++
  peer.left = announce.left
  peer.downloaded = announce.downloaded
  peer.uploaded = announce.uploaded
  peer.lastSeenMs = nowMs
  const sinceMs = nowMs - peer.measuredMs
  if (sinceMs < shortestMeasureMs) return
  peer.rate = Math.max(0, ((announce.downloaded - peer.measuredDownloaded) * 1000) / sinceMs)
  peer.measuredMs = nowMs
  peer.measuredDownloaded = announce.downloaded
}
