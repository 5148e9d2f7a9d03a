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

/** A peer of a swarm as its last announce left it. */
export interface Peer extends Endpoint {
  peerId: Buffer
  node: string | undefined
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

export const newPeer = (announce: Announce, address: PeerAddress, nowMs: number): Peer => ({
  address,
  port: announce.port,
  compact: compactPeer(address, announce.port),
  peerId: announce.peerId,
  node: announce.node,
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
