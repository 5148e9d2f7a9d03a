import { PeerRing } from './peer-ring.ts'

/**
 * Who is a neighbour of whom: peers of one place (a switch) are on a ring, and the first of all places are on one, the second of all, and
 * so on. So most of what is traded stays in its place, each place trades with many others, and nobody is asked by more than others are.
 */
export class Neighbourhood<T> {
  readonly #members = new Map<T, PeerRing<T>[]>()
  readonly #all = new PeerRing<T>()
  readonly #byPlace = new Map<number | undefined, PeerRing<T>>()
  readonly #byRank: PeerRing<T>[] = []

  /** In the order in which they came. */
  get members(): Iterable<T> {
    return this.#members.keys()
  }

  get size(): number {
    return this.#members.size
  }

  has(member: T): boolean {
    return this.#members.has(member)
  }

  /** @param place undefined when it is not known, which is a place as well */
  add(member: T, place: number | undefined): void {
    const near = this.#byPlace.get(place) ?? new PeerRing<T>()
    this.#byPlace.set(place, near)
    const equals = this.#byRank[near.size] ?? new PeerRing<T>()
    this.#byRank[near.size] = equals
    this.#members.set(member, [near, equals])
    this.#all.add(member)
    near.add(member)
    equals.add(member)
  }

  remove(member: T): void {
    this.#all.remove(member)
    for (const ring of this.#members.get(member) ?? []) ring.remove(member)
    this.#members.delete(member)
  }

  /** Those of its place first. @param closed see PeerRing */
  neighbours(member: T, closed: boolean): T[] {
    const [near, equals] = this.#members.get(member) ?? []
    if (!near || !equals) return []
    const found = new Set([...near.neighbours(member, closed), ...equals.neighbours(member, closed)])
    // who is alone at its place, or nearly so
    const anywhere = this.#all.neighbours(member, closed)
    for (const other of anywhere) if (found.size < anywhere.length) found.add(other)
    return [...found]
  }
}
