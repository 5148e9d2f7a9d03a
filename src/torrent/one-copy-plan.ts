import { type FirstShare, FreshPieces } from './fresh-pieces.ts'
import { Lowest, Meter } from './meter.ts'
import { PieceSet } from './piece-set.ts'

export interface OneCopyPlanOptions {
  pieceCount: number
  /** Which pieces this seeder sends first, when it is not the only one. */
  first?: FirstShare
}

export interface Offer {
  peer: number
  piece: number
}

/** Pieces that each peer is offered before anything is known of its speed, and all of them together. */
const firstWindow = 2
const firstUnderWay = 32
/** Who has not asked for an offered piece by then is slow or silent, and keeps nobody waiting, milliseconds. */
const answerMs = 100
/** How long the pieces that a peer has been offered should last it: the time it takes to hear of its progress and to answer, milliseconds. */
const peerAheadMs = 250
/** The same of all of them, beside the shortest time seen. More would only wait for the link. */
const aheadMs = 500
/** A piece that has been on its way for this many times the usual is given to another peer as well. */
const slowFactor = 4
/** But never sooner than this. */
const slowMs = 1000
/** A peer that gets less than this part of what the head can send is fed with pieces that others have, too. */
const fedPart = 0.5
/** How many pieces are looked at for the rarest that somebody lacks. */
const mostLookedAt = 512

/** What the plan knows of one peer. */
interface PeerState {
  id: number
  have: PieceSet
  /** Offered and not had yet, with the time of the offer. */
  offered: Map<number, number>
  /** Those among them that it has asked for. */
  asked: Set<number>
  /** Those that took so long that others were offered them. */
  late: Set<number>
  /** Was offered at some time: what has been said cannot be taken back. */
  told: PieceSet
  window: number
  /** Pieces that it has got from whomever in the present and the last span of time. */
  progress: Meter
  /** Those among them that it had been offered. */
  taken: Meter
  /** Is among those that wait for their turn. */
  waits: boolean
}

const none: readonly Offer[] = []

/**
 * Which piece the head offers to whom (no I/O; times are the caller's, in milliseconds).
 *
 * While the nodes boot, the head's link is what everybody waits for: a piece that leaves it twice delays all of them. So each piece is
 * offered to one peer, and to another only when nobody who is connected has it and it is on its way to nobody any more. Peers take turns,
 * a piece at a time. Those that the others do not feed get the rarest of what they lack, from what the head has to spare. A peer knows
 * only of pieces that it was offered (as in BEP 16, but several at once and with the whole swarm in view).
 */
export class OneCopyPlan {
  readonly pieceCount: number
  readonly #peers = new Map<number, PeerState>()
  /** Peers that have room for an offer, in turn. */
  readonly #waiting: PeerState[] = []
  /** By piece: how many peers have it. */
  readonly #holders: Uint16Array
  /** By piece: to how many it has been offered without being had yet. */
  readonly #underWay: Uint16Array
  /** Pieces that have been asked for and not had yet. */
  #asked = 0
  /** Times of offers that nobody has answered yet, as far as there was time to. */
  readonly #unanswered: number[] = []
  /** Pieces that the head has lost. */
  readonly #withheld: PieceSet
  readonly #fresh: FreshPieces
  /** Where the search for the rarest goes on, so that all get their turn. */
  #rover = 0
  readonly #sent = new Meter()
  #bestSent = 0
  /** Time from an offer to the news of its piece: the usual, smoothed, and the shortest. */
  #usualMs = 0
  readonly #quickest = new Lowest()

  constructor({ pieceCount, first = { of: 1, index: 0 } }: OneCopyPlanOptions) {
    this.pieceCount = pieceCount
    this.#holders = new Uint16Array(pieceCount)
    this.#underWay = new Uint16Array(pieceCount)
    this.#withheld = new PieceSet(pieceCount)
    this.#fresh = new FreshPieces(pieceCount, first, piece => this.#isFresh(piece))
  }

  addPeer(id: number): void {
    const { pieceCount } = this
    const peer = {
      ...{ id, have: new PieceSet(pieceCount), told: new PieceSet(pieceCount), window: firstWindow },
      ...{
        offered: new Map(),
        asked: new Set<number>(),
        late: new Set<number>(),
        progress: new Meter(),
        taken: new Meter(),
      },
      waits: false,
    }
    this.#peers.set(id, peer)
    this.#letWait(peer)
  }

  removePeer(id: number): void {
    const peer = this.#peers.get(id)
    if (!peer) return
    this.#peers.delete(id)
    for (const piece of peer.offered.keys()) this.#withdraw(peer, piece)
    for (const piece of peer.have)
      if (--this.#holders[piece]! === 0 && this.#isFresh(piece)) this.#fresh.giveBack(piece, true)
  }

  /** What the peer says when it comes that it has already. It may have been offered some of that: its word came late. */
  haveAlready(id: number, pieces: Iterable<number>, nowMs: number): void {
    const peer = this.#peers.get(id)
    if (!peer) return
    for (const piece of pieces) if (this.#hold(peer, piece, nowMs)) this.#settle(peer, piece)
    this.#letWait(peer)
  }

  /**
   * The head cannot give this piece.
   * @returns whether that is new
   */
  withhold(piece: number): boolean {
    if (!this.#withheld.add(piece)) return false
    for (const peer of this.#peers.values()) this.#settle(peer, piece)
    return true
  }

  /** What the peer has been offered and has not got, as far as is known. */
  underWayTo(id: number): number[] {
    const peer = this.#peers.get(id)
    return peer ? [...peer.late, ...peer.offered.keys()] : []
  }

  /** Gives pieces that do not arrive to others. To be called a few times a second. */
  tick(nowMs: number): void {
    const sinceMs = nowMs - Math.max(slowMs, slowFactor * this.#usualMs)
    for (const peer of this.#peers.values()) {
      for (const [piece, offeredMs] of peer.offered) {
        if (offeredMs > sinceMs) break // they are in the order of their times
        peer.late.add(piece)
        this.#withdraw(peer, piece)
      }
      this.#letWait(peer)
    }
  }

  /** The peer wants a piece that it was offered. */
  asked(id: number, piece: number): void {
    const peer = this.#peers.get(id)
    if (!peer?.offered.has(piece) || peer.asked.has(piece)) return
    peer.asked.add(piece)
    this.#asked++
    this.#unanswered.shift()
  }

  /** The peer has got a piece, from whomever. */
  have(id: number, piece: number, nowMs: number): void {
    const peer = this.#peers.get(id)
    if (!peer || !this.#hold(peer, piece, nowMs)) return
    peer.progress.add(1, nowMs)
    const offeredMs = peer.offered.get(piece)
    this.#settle(peer, piece)
    if (offeredMs !== undefined) this.#measure(peer, nowMs - offeredMs, nowMs)
    this.#letWait(peer)
  }

  /** What to tell whom now; the offers are taken as made. */
  offers(nowMs: number): readonly Offer[] {
    const most = firstUnderWay + (this.#bestSent * (aheadMs + this.#quickest.value)) / 1000
    if (this.#waiting.length === 0 || this.#underWayNow(nowMs) >= most) return none
    const offers: Offer[] = []
    let turn = 0
    for (; turn < this.#waiting.length && this.#underWayNow(nowMs) < most; turn++) {
      const peer = this.#waiting[turn]!
      peer.waits = false
      const piece = this.#peers.get(peer.id) === peer ? this.#next(peer, nowMs, most) : undefined
      if (piece === undefined) continue
      peer.offered.set(piece, nowMs)
      peer.told.add(piece)
      this.#underWay[piece]!++
      this.#unanswered.push(nowMs)
      offers.push({ peer: peer.id, piece })
      this.#letWait(peer)
    }
    this.#waiting.splice(0, turn)
    return offers
  }

  /** How many pieces a peer has, and gets per second, from whomever. */
  progressOf(id: number, nowMs: number): { pieces: number; perSecond: number } {
    const peer = this.#peers.get(id)
    return { pieces: peer?.have.size ?? 0, perSecond: peer?.progress.rate(nowMs) ?? 0 }
  }

  get peerCount(): number {
    return this.#peers.size
  }

  /** Pieces that the link is busy with, or will be at once. */
  #underWayNow(nowMs: number): number {
    const all = this.#unanswered
    let first = 0
    while (first < all.length && all[first]! <= nowMs - answerMs) first++
    if (first > 0) all.splice(0, first)
    return this.#asked + all.length
  }

  /** Behind the others. */
  #letWait(peer: PeerState): void {
    if (peer.waits || peer.have.complete || peer.offered.size + peer.late.size >= peer.window) return
    peer.waits = true
    this.#waiting.push(peer)
  }

  /** @returns whether that is new */
  #hold(peer: PeerState, piece: number, nowMs: number): boolean {
    if (!peer.have.add(piece)) return false
    if (this.#holders[piece]!++ === 0) this.#fresh.gone(piece, nowMs)
    return true
  }

  /** What was offered to it is not on its way any more. */
  #settle(peer: PeerState, piece: number): void {
    peer.late.delete(piece)
    if (!peer.offered.delete(piece)) return
    this.#underWay[piece]!--
    if (peer.asked.delete(piece)) this.#asked--
  }

  #measure(peer: PeerState, tookMs: number, nowMs: number): void {
    peer.taken.add(1, nowMs)
    this.#sent.add(1, nowMs)
    this.#bestSent = Math.max(this.#bestSent, this.#sent.rate(nowMs))
    this.#quickest.add(tookMs, nowMs)
    this.#usualMs = this.#usualMs === 0 ? tookMs : this.#usualMs * 0.9 + tookMs * 0.1
    peer.window = firstWindow + Math.ceil((peer.taken.rate(nowMs) * peerAheadMs) / 1000)
  }

  /** An offer that is not counted on any more. */
  #withdraw(peer: PeerState, piece: number): void {
    const isLate = peer.late.has(piece)
    this.#settle(peer, piece)
    if (isLate) peer.late.add(piece)
    if (this.#isFresh(piece)) this.#fresh.giveBack(piece, false)
  }

  #isFresh(piece: number): boolean {
    return this.#holders[piece] === 0 && this.#underWay[piece] === 0 && !this.#withheld.has(piece)
  }

  #next(peer: PeerState, nowMs: number, most: number): number | undefined {
    if (peer.have.complete) return undefined
    return this.#fresh.take(piece => this.#canBeTold(peer, piece), nowMs, most) ?? this.#findRare(peer, nowMs)
  }

  /** Of the pieces that somebody has or is getting. */
  #findRare(peer: PeerState, nowMs: number): number | undefined {
    const rate = peer.progress.rate(nowMs)
    if (rate > 0 && rate >= fedPart * this.#bestSent) return undefined
    let rarest: number | undefined
    for (let looked = 0; looked < Math.min(mostLookedAt, this.pieceCount); looked++) {
      this.#rover = (this.#rover + 1) % this.pieceCount
      const piece = this.#rover
      if (this.#isFresh(piece) || !this.#canBeTold(peer, piece)) continue
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
