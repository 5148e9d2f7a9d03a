import { PieceSet } from './piece-set.ts'

export interface OneCopyPlanOptions {
  pieceCount: number
  /** How long the pieces that a peer has been offered should last it: the time it takes to hear of its progress and to answer, milliseconds. */
  aheadMs?: number
}

/** Pieces that each peer is offered before anything is known of its speed. */
const firstWindow = 2
/** A piece that has been on its way for this many times the usual is given to another peer as well. */
const slowFactor = 4
/** But never sooner than this. */
const slowMs = 1000
/** Rates are of this long. */
const rateMs = 1000
/** A peer that gets less than this part of what the head can send is fed with pieces that others have, too. */
const fedPart = 0.5
/** How many pieces are looked at for the rarest that somebody lacks. */
const mostLookedAt = 512

/** What the plan knows of one peer. */
interface PeerState {
  have: PieceSet
  /** Offered and not had yet, with the time of the offer. */
  offered: Map<number, number>
  /** Was offered at some time: what has been said cannot be taken back. */
  told: PieceSet
  window: number
  /** Pieces that it has got from whomever in the present and the last span of time. */
  progress: Meter
  /** Those among them that it had been offered. */
  taken: Meter
}

/**
 * Which piece the head offers to whom (no I/O; times are the caller's, in milliseconds).
 *
 * While the nodes boot, the head's link is what everybody waits for: a piece that leaves it twice delays all of them. So each piece is
 * offered to one peer, and to another only when nobody who is connected has it and it is on its way to nobody any more. Peers that
 * the others do not feed get the rarest of what they lack, from what the head has to spare. A peer knows only of pieces that it was
 * offered (as in BEP 16, but several at once and with the whole swarm in view).
 */
export class OneCopyPlan {
  readonly pieceCount: number
  readonly #aheadMs: number
  readonly #peers = new Map<number, PeerState>()
  /** By piece: how many peers have it. */
  readonly #holders: Uint16Array
  /** By piece: to how many it has been offered without being had yet. */
  readonly #underWay: Uint16Array
  /** Pieces that the head has lost. */
  readonly #withheld: PieceSet
  /** Pieces that nobody has or is getting are from here on, and in `#returned`. */
  #nextFresh = 0
  #returned: number[] = []
  /** Where the search for the rarest goes on, so that all get their turn. */
  #rover = 0
  readonly #sent = new Meter()
  #bestSent = 0
  /** Usual time from an offer to its piece, smoothed. */
  #usualMs = 0
  /** Pieces whose only taker is slow or silent, as of the last `tick`. */
  #slow: number[] = []

  constructor({ pieceCount, aheadMs = 250 }: OneCopyPlanOptions) {
    this.pieceCount = pieceCount
    this.#aheadMs = aheadMs
    this.#holders = new Uint16Array(pieceCount)
    this.#underWay = new Uint16Array(pieceCount)
    this.#withheld = new PieceSet(pieceCount)
  }

  addPeer(id: number): void {
    const { pieceCount } = this
    this.#peers.set(id, {
      have: new PieceSet(pieceCount),
      offered: new Map(),
      told: new PieceSet(pieceCount),
      window: firstWindow,
      progress: new Meter(),
      taken: new Meter(),
    })
  }

  removePeer(id: number): void {
    const peer = this.#peers.get(id)
    if (!peer) return
    this.#peers.delete(id)
    for (const piece of peer.have) this.#holders[piece]!--
    for (const piece of peer.offered.keys()) this.#underWay[piece]!--
    for (const piece of [...peer.have, ...peer.offered.keys()]) this.#returnIfFresh(piece)
  }

  /** What the peer says when it comes that it has already. It may have been offered some of that: its word came late. */
  haveAlready(id: number, pieces: Iterable<number>): void {
    const peer = this.#peers.get(id)
    if (!peer) return
    for (const piece of pieces) {
      if (!peer.have.add(piece)) continue
      this.#holders[piece]!++
      if (peer.offered.delete(piece)) this.#underWay[piece]!--
    }
  }

  /** What the peer has been offered and does not have yet. */
  underWayTo(id: number): number[] {
    return [...(this.#peers.get(id)?.offered.keys() ?? [])]
  }

  /**
   * The head cannot give this piece.
   * @returns whether that is new
   */
  withhold(piece: number): boolean {
    if (!this.#withheld.add(piece)) return false
    for (const peer of this.#peers.values()) if (peer.offered.delete(piece)) this.#underWay[piece]!--
    return true
  }

  /** Looks for pieces that do not arrive. To be called a few times a second; then everybody may be offered more. */
  tick(nowMs: number): void {
    const sinceMs = nowMs - Math.max(slowMs, slowFactor * this.#usualMs)
    this.#slow = []
    for (const { offered } of this.#peers.values())
      for (const [piece, offeredMs] of offered) {
        if (offeredMs > sinceMs) break // they are in the order of their times
        if (this.#holders[piece] === 0 && this.#underWay[piece] === 1) this.#slow.push(piece)
      }
  }

  /** The peer has got a piece, from whomever. */
  have(id: number, piece: number, nowMs: number): void {
    const peer = this.#peers.get(id)
    if (!peer?.have.add(piece)) return
    this.#holders[piece]!++
    peer.progress.add(1, nowMs)
    const offeredMs = peer.offered.get(piece)
    if (offeredMs === undefined) return
    peer.offered.delete(piece)
    this.#underWay[piece]!--
    peer.taken.add(1, nowMs)
    this.#sent.add(1, nowMs)
    this.#bestSent = Math.max(this.#bestSent, this.#sent.rate(nowMs))
    const tookMs = nowMs - offeredMs
    this.#usualMs = this.#usualMs === 0 ? tookMs : this.#usualMs * 0.9 + tookMs * 0.1
    peer.window = firstWindow + Math.ceil((peer.taken.rate(nowMs) * this.#aheadMs) / 1000)
  }

  /** The next piece to tell the peer of; undefined when it has enough to do, or is better fed by others. */
  next(id: number, nowMs: number): number | undefined {
    const peer = this.#peers.get(id)
    if (!peer || peer.have.complete || peer.offered.size >= peer.window) return undefined
    const piece = this.#takeFresh(peer) ?? this.#takeSlow(peer) ?? this.#findRare(peer, nowMs)
    if (piece === undefined) return undefined
    peer.offered.set(piece, nowMs)
    peer.told.add(piece)
    this.#underWay[piece]!++
    return piece
  }

  /** How many pieces a peer has, and gets per second, from whomever. */
  progressOf(id: number, nowMs: number): { pieces: number; perSecond: number } {
    const peer = this.#peers.get(id)
    return { pieces: peer?.have.size ?? 0, perSecond: peer?.progress.rate(nowMs) ?? 0 }
  }

  get peerCount(): number {
    return this.#peers.size
  }

  #returnIfFresh(piece: number): void {
    if (this.#holders[piece] === 0 && this.#underWay[piece] === 0 && piece < this.#nextFresh) this.#returned.push(piece)
  }

  #isFresh(piece: number): boolean {
    return this.#holders[piece] === 0 && this.#underWay[piece] === 0 && !this.#withheld.has(piece)
  }

  /** In the order of the file, which is the order in which nodes unpack it. */
  #takeFresh(peer: PeerState): number | undefined {
    for (let index = 0; index < this.#returned.length; index++) {
      const piece = this.#returned[index]!
      if (this.#isFresh(piece) && peer.told.has(piece)) continue
      this.#returned.splice(index--, 1)
      if (this.#isFresh(piece)) return piece
    }
    while (this.#nextFresh < this.pieceCount && !this.#isFresh(this.#nextFresh)) this.#nextFresh++
    return this.#nextFresh < this.pieceCount ? this.#nextFresh++ : undefined
  }

  /** A piece that nobody has got yet, and whose taker is slow or silent. */
  #takeSlow(peer: PeerState): number | undefined {
    const index = this.#slow.findIndex(piece => this.#holders[piece] === 0 && this.#canBeTold(peer, piece))
    return index < 0 ? undefined : this.#slow.splice(index, 1)[0]
  }

  #findRare(peer: PeerState, nowMs: number): number | undefined {
    const rate = peer.progress.rate(nowMs)
    if (rate > 0 && rate >= fedPart * this.#bestSent) return undefined
    let rarest: number | undefined
    for (let looked = 0; looked < Math.min(mostLookedAt, this.pieceCount); looked++) {
      this.#rover = (this.#rover + 1) % this.pieceCount
      const piece = this.#rover
      if (!this.#canBeTold(peer, piece)) continue
      if (rarest === undefined || this.#weight(piece) < this.#weight(rarest)) rarest = piece
    }
    return rarest
  }

  #weight(piece: number): number {
    return this.#holders[piece]! + this.#underWay[piece]!
  }

  #canBeTold(peer: PeerState, piece: number): boolean {
    return !peer.have.has(piece) && !peer.told.has(piece) && !this.#withheld.has(piece)
  }
}

/** Counts per second, of the last whole span and the present one. */
class Meter {
  #since = 0
  #present = 0
  #last = 0

  add(count: number, nowMs: number): void {
    this.#turn(nowMs)
    this.#present += count
  }

  rate(nowMs: number): number {
    this.#turn(nowMs)
    const part = (nowMs - this.#since) / rateMs
    return ((this.#last * (1 - part) + this.#present) * 1000) / rateMs
  }

  #turn(nowMs: number): void {
    const spans = Math.floor((nowMs - this.#since) / rateMs)
    if (spans <= 0) return
    this.#last = spans === 1 ? this.#present : 0
    this.#present = 0
    this.#since += spans * rateMs
  }
}
