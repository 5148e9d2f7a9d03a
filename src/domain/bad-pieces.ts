/** Who bad pieces are put down to, and with how many others it had them. */
export interface BadSender {
  name: string
  others: number
}

const words = 'bad pieces came from '
/** Senders that one node may name. */
export const badPeersKept = 8
/** As many as somebody looks after. */
const mostBlamed = 5

/** How a node's report reads of those that it takes no more pieces from; undefined when there are none. */
export const badPiecesMessage = (names: readonly string[]): string | undefined =>
  names.length === 0 ? undefined : words + names.join(', ')

/** The names in such a message. */
export const findBadSenders = (message: string | undefined): string[] =>
  message?.startsWith(words) ? message.slice(words.length).split(', ') : []

/**
 * Memory that forgets spoils what a node gives, and as well what it gets: then it is the one to say that all others are bad. So of those who
 * say it and those of whom it is said the one is blamed that most have had bad pieces with, then whom that leaves unexplained.
 * @param pairs sender and receiver
 */
export function blameFor(pairs: readonly (readonly [sender: string, receiver: string])[]): BadSender[] {
  const blamed: BadSender[] = []
  for (let left = pairs; left.length > 0 && blamed.length < mostBlamed; ) {
    const othersOf = new Map<string, Set<string>>()
    for (const [sender, receiver] of left) {
      othersOf.set(sender, (othersOf.get(sender) ?? new Set()).add(receiver))
      othersOf.set(receiver, (othersOf.get(receiver) ?? new Set()).add(sender))
    }
    const [name, others] = [...othersOf].reduce((most, one) => (one[1].size > most[1].size ? one : most))
    blamed.push({ name, others: others.size })
    left = left.filter(pair => !pair.includes(name))
  }
  return blamed
}
