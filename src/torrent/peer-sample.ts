/**
 * Up to `count` different members at random, each set as likely as any other: a Fisher-Yates shuffle of the array itself,
 * ended when enough are in front. The order of `peers` changes, nothing is copied but the answer, and the cost goes by
 * what was picked (and passed over), not by how many there are.
 * @param wanted members it says no to are passed over
 * @param random as Math.random
 */
export function samplePeers<T>(peers: T[], count: number, wanted: (peer: T) => boolean, random: () => number): T[] {
  let taken = 0
  let end = peers.length
  while (taken < count && taken < end) {
    const at = taken + Math.floor(random() * (end - taken))
    if (wanted(peers[at]!)) swap(peers, at, taken++)
    else swap(peers, at, --end)
  }
  return peers.slice(0, taken)
}

/** Of so many peers one is from elsewhere: who knows his neighbours alone waits for what none of them has. */
const elsewherePart = 1 / 3

/**
 * The same, with those of one place before the others, and the others a third of them as long as there are enough of both.
 * @param near those among `peers` that are in the place
 * @param isNear whether one of `peers` is in `near`
 */
export function sampleNearFirst<T>(
  { peers, near, isNear }: { peers: T[]; near: T[]; isNear: (peer: T) => boolean },
  count: number,
  wanted: (peer: T) => boolean,
  random: () => number,
): T[] {
  const close = samplePeers(near, count, wanted, random)
  const room = Math.max(count - close.length, Math.floor(count * elsewherePart))
  const elsewhere = samplePeers(peers, room, peer => !isNear(peer) && wanted(peer), random)
  return [...close.slice(0, count - elsewhere.length), ...elsewhere]
}

function swap<T>(items: T[], a: number, b: number): void {
  const item = items[a]!
  items[a] = items[b]!
  items[b] = item
}
