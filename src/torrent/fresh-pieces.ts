/** Of several seeders of one torrent, which this one is: piece p is for number p % of to send first. */
export interface FirstShare {
  of: number
  index: number
}

/** The others send what is theirs, as long as pieces of theirs come to somebody at least this often, milliseconds. */
const othersSilentMs = 2000
/** Returned pieces that are looked at, and of which a peer has been told, before it gets another. */
const mostRefused = 16

/**
 * The pieces that nobody has or is getting, in the order of the file, which is the order in which nodes unpack it. With several seeders
 * each sends its share first, and then helps the others from the end on: they meet, and what is under way elsewhere is not sent twice.
 */
export class FreshPieces {
  readonly #pieceCount: number
  readonly #share: FirstShare
  readonly #isFresh: (piece: number) => boolean
  /** All fresh ones of our share are from here on, or were returned. */
  #next: number
  #returned: number[] = []
  /** Fresh ones of the others are up to here, or were returned. */
  #lastForeign: number
  #foreignLeft: number
  #foreignMs = 0

  /** @param isFresh whether nobody has it or is getting it from us */
  constructor(pieceCount: number, share: FirstShare, isFresh: (piece: number) => boolean) {
    this.#pieceCount = pieceCount
    this.#share = share
    this.#isFresh = isFresh
    this.#next = share.index
    this.#lastForeign = pieceCount - 1
    this.#foreignLeft = pieceCount - Math.ceil((pieceCount - share.index) / share.of)
  }

  /** Somebody has the piece who is the first. */
  gone(piece: number, nowMs: number): void {
    if (this.#isOurs(piece)) return
    this.#foreignLeft--
    this.#foreignMs = nowMs
  }

  /** Nobody has it or is getting it any more. @param wasHeld somebody had it */
  giveBack(piece: number, wasHeld: boolean): void {
    if (wasHeld && !this.#isOurs(piece)) this.#foreignLeft++
    this.#returned.push(piece)
  }

  /**
   * @param canBeTold whether the peer may be told of the piece
   * @param othersUnderWay pieces that each of the others may be sending
   */
  take(canBeTold: (piece: number) => boolean, nowMs: number, othersUnderWay: number): number | undefined {
    return this.#takeReturned(canBeTold) ?? this.#takeNext() ?? this.#takeForeign(nowMs, othersUnderWay)
  }

  #isOurs(piece: number): boolean {
    return piece % this.#share.of === this.#share.index
  }

  #takeReturned(canBeTold: (piece: number) => boolean): number | undefined {
    for (let refused = 0; refused < mostRefused && this.#returned.length > refused; ) {
      const piece = this.#returned.shift()!
      if (!this.#isFresh(piece)) continue
      if (canBeTold(piece)) return piece
      this.#returned.push(piece)
      refused++
    }
    return undefined
  }

  #takeNext(): number | undefined {
    const { of } = this.#share
    while (this.#next < this.#pieceCount && !this.#isFresh(this.#next)) this.#next += of
    if (this.#next >= this.#pieceCount) return undefined
    this.#next += of
    return this.#next - of
  }

  #takeForeign(nowMs: number, othersUnderWay: number): number | undefined {
    const othersAreThere = nowMs - this.#foreignMs < othersSilentMs
    if (othersAreThere && this.#foreignLeft <= othersUnderWay * (this.#share.of - 1)) return undefined
    while (this.#lastForeign >= 0 && (this.#isOurs(this.#lastForeign) || !this.#isFresh(this.#lastForeign)))
      this.#lastForeign--
    return this.#lastForeign < 0 ? undefined : this.#lastForeign--
  }
}
