/** Of so few everybody is a neighbour of everybody. */
const everybody = 8

/**
 * Peers in the order in which they came, each a neighbour of those 1, 2, 4, 8 ... places away on either side: everybody has about as many
 * neighbours as anybody, and a piece is never far from anybody. Where the tracker names others at random, those that came first are known
 * to more, and are asked for more than they can send while the rest stand idle (bench/swarm-curve.ts).
 */
export class PeerRing<T> {
  readonly #members: T[] = []
  readonly #places = new Map<T, number>()

  get size(): number {
    return this.#members.length
  }

  add(member: T): void {
    if (this.#places.has(member)) return
    this.#places.set(member, this.#members.length)
    this.#members.push(member)
  }

  /** The last one takes its place. */
  remove(member: T): void {
    const place = this.#places.get(member)
    if (place === undefined) return
    this.#places.delete(member)
    const last = this.#members.pop()!
    if (last === member) return
    this.#members[place] = last
    this.#places.set(last, place)
  }

  /**
   * The neighbours of a member, the nearest first.
   * @param closed whether the last is beside the first: not while they come one after the other, else each would be once
   */
  neighbours(member: T, closed: boolean): T[] {
    const place = this.#places.get(member)
    if (place === undefined) return []
    const { length } = this.#members
    if (length <= everybody) return this.#members.filter(other => other !== member)
    const found = new Set<T>()
    for (let distance = 1; distance < length; distance *= 2)
      for (const other of [place - distance, place + distance])
        if (closed || (other >= 0 && other < length)) found.add(this.#members[(other + length) % length]!)
    found.delete(member)
    return [...found]
  }
}
