/**
 * What the head's plan costs for each block that it sends, at 2,000 peers and 20,000 pieces of 16 blocks, beside a seeder that keeps what its
 * peers say they have and serves what they ask for. Most of both is that each peer tells the head of each piece.
 */
import { type Offer, OneCopyPlan } from '../src/torrent/one-copy-plan.ts'
import { PieceSet } from '../src/torrent/piece-set.ts'
import { printTable } from './measuring/numbers.ts'

const peers = 2000
const pieceCount = 20_000
const blocksPerPiece = 16
/** Pieces that are sent, and that everybody gets. */
const sentPieces = 2000
const pieceMs = 2
const tickMs = 100

/** Whoever takes pieces: what is sent next, and to whom; and that a peer has got one. */
interface Seeder {
  next(nowMs: number): readonly Offer[]
  have(peer: number, piece: number, nowMs: number): void
  tick(nowMs: number): void
}

function planned(): Seeder {
  const plan = new OneCopyPlan({ pieceCount })
  for (let peer = 0; peer < peers; peer++) plan.addPeer(peer)
  return {
    next: nowMs => {
      const offers = plan.offers(nowMs)
      for (const { peer, piece } of offers) plan.asked(peer, piece)
      return offers
    },
    have: (peer, piece, nowMs) => plan.have(peer, piece, nowMs),
    tick: nowMs => plan.tick(nowMs),
  }
}

/** Each peer asks for a piece of its own, and for another when that has come. */
function asAsked(): Seeder {
  const has = Array.from({ length: peers }, () => new PieceSet(pieceCount))
  const asked = Array.from({ length: peers }, (_, peer) => ({ peer, piece: peer }))
  let lastAsked = peers
  return {
    next: () => asked.splice(0),
    have: (peer, piece) => {
      if (has[peer]!.add(piece) && piece % peers === peer) asked.push({ peer, piece: lastAsked++ % pieceCount })
    },
    tick: () => {},
  }
}

/** @returns microseconds of the processor for each block that was sent */
function measure(seeder: Seeder): number {
  const underWay: Offer[] = []
  const before = process.cpuUsage()
  for (let sent = 0, nowMs = 0; sent < sentPieces; sent++, nowMs += pieceMs) {
    if (nowMs % tickMs === 0) seeder.tick(nowMs)
    underWay.push(...seeder.next(nowMs))
    const { peer, piece } = underWay.shift()!
    seeder.have(peer, piece, nowMs)
    for (let other = 0; other < peers; other++) {
      seeder.have(other, piece, nowMs)
      underWay.push(...seeder.next(nowMs))
    }
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / (sentPieces * blocksPerPiece)
}

const [ours, plain] = [planned, asAsked].map(make => measure(make()))
const perHave = (blockUs: number) => ((blockUs * blocksPerPiece) / peers).toFixed(3)
printTable([
  ['', 'us of CPU for a block', 'for a piece that a peer has got'],
  ['each piece once first', ours!.toFixed(1), perHave(ours!)],
  ['as asked', plain!.toFixed(1), perHave(plain!)],
  ['ratio', (ours! / plain!).toFixed(2), ''],
])
