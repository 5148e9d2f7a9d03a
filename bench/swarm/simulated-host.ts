/** Pieces of a torrent, 32 to a word. */
export type Bits = Uint32Array

export const makeBits = (pieces: number): Bits => new Uint32Array((pieces + 31) >> 5)
export const hasBit = (bits: Bits, piece: number): boolean => ((bits[piece >> 5]! >>> (piece & 31)) & 1) !== 0
export const setBit = (bits: Bits, piece: number): void => {
  bits[piece >> 5]! |= 1 << (piece & 31)
}
const clearBit = (bits: Bits, piece: number): void => {
  bits[piece >> 5]! &= ~(1 << (piece & 31))
}

/** One direction of a connection. */
export interface Link {
  readonly from: Host
  readonly to: Host
  /** Asked for and not being sent yet. */
  readonly queue: number[]
  /** Asked for and not come yet. */
  pending: number
  /** Being sent, or on the way: what TCP would have unacknowledged. */
  flying: number
  /** Is among those that `from` will send to. */
  ready: boolean
  open: boolean
}

/** A head or a node. */
export class Host {
  readonly id: number
  readonly isHead: boolean
  /** Seconds that a piece takes through the link up, and the one down. */
  readonly upSeconds: number
  readonly downSeconds: number
  readonly have: Bits
  /** What the neighbours have heard of. */
  readonly told: Bits
  /** Lacks it, and has not asked for it. */
  readonly wanted: Bits
  /** Neighbours that have the piece, as far as this one has heard. */
  readonly availability: Uint16Array
  readonly uploads: Link[] = []
  readonly downloads: Link[] = []
  /** Links that have something to send, in turn. */
  readonly turns: Link[] = []
  sending = false
  downFreeAt = 0
  on = false
  count = 0
  unasked: number
  firstMissing = 0
  completedAt: number | undefined

  constructor(id: number, isHead: boolean, pieces: number, seconds: { up: number; down: number }) {
    this.id = id
    this.isHead = isHead
    this.upSeconds = seconds.up
    this.downSeconds = seconds.down
    this.have = makeBits(pieces)
    this.told = makeBits(pieces)
    this.wanted = makeBits(pieces)
    for (let piece = 0; piece < pieces; piece++) setBit(this.wanted, piece)
    this.unasked = pieces
    this.availability = new Uint16Array(pieces)
  }

  isConnectedTo(other: Host): boolean {
    return this.downloads.some(({ from }) => from === other)
  }

  markAsked(piece: number): void {
    if (!hasBit(this.wanted, piece)) return
    clearBit(this.wanted, piece)
    this.unasked--
  }

  markWanted(piece: number): void {
    if (hasBit(this.wanted, piece) || hasBit(this.have, piece)) return
    setBit(this.wanted, piece)
    this.unasked++
  }

  /** @returns whether it is new */
  receive(piece: number): boolean {
    if (hasBit(this.have, piece)) return false
    setBit(this.have, piece)
    this.markAsked(piece)
    this.count++
    while (hasBit(this.have, this.firstMissing)) this.firstMissing++
    return true
  }
}

export function connect(from: Host, to: Host): Link {
  const link = { from, to, queue: [], pending: 0, flying: 0, ready: false, open: true }
  from.uploads.push(link)
  to.downloads.push(link)
  for (let word = 0; word < from.told.length; word++)
    for (let bits = from.told[word]!; bits !== 0; bits &= bits - 1)
      to.availability[(word << 5) + 31 - Math.clz32(bits & -bits)]!++
  return link
}
