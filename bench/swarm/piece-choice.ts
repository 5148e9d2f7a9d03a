import type { Link } from './simulated-host.ts'

/** libtorrent's priorities of pieces inside and outside of the client's window: a piece's availability counts that many times. */
const inWindow = 4
const outsideWindow = 7

/**
 * What libtorrent asks a neighbour for next: the rarest that it can give, of the rarest any. When all that is lacking has been asked for,
 * one of those again of a neighbour that has nothing to do (end game).
 * @param window pieces from the first missing one that are preferred
 * @returns -1 when there is none
 */
export function choosePiece(link: Link, window: number, random: () => number): number {
  const { from, to } = link
  if (to.unasked === 0) return link.pending > 0 ? -1 : chooseAgain(link, random)
  const windowEnd = to.firstMissing + window
  let best = -1
  let bestRank = Number.POSITIVE_INFINITY
  let ties = 0
  for (let word = to.firstMissing >> 5; word < to.wanted.length; word++)
    for (let bits = from.told[word]! & to.wanted[word]!; bits !== 0; bits &= bits - 1) {
      const piece = (word << 5) + 31 - Math.clz32(bits & -bits)
      const rank = to.availability[piece]! * (piece < windowEnd ? inWindow : outsideWindow)
      if (rank > bestRank) continue
      ties = rank === bestRank ? ties + 1 : 1
      if (random() * ties >= 1) continue
      best = piece
      bestRank = rank
    }
  return best
}

function chooseAgain({ from, to }: Link, random: () => number): number {
  let chosen = -1
  let candidates = 0
  for (let word = to.firstMissing >> 5; word < to.have.length; word++)
    for (let bits = from.told[word]! & ~to.have[word]!; bits !== 0; bits &= bits - 1)
      if (random() * ++candidates < 1) chosen = (word << 5) + 31 - Math.clz32(bits & -bits)
  return chosen
}
