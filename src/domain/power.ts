import { foldHostlist } from './hostlist.ts'

/** What can be asked of the management controller of a machine. */
export const powerActions = ['status', 'on', 'off', 'reset', 'cycle', 'identify', 'noidentify'] as const
export type PowerAction = (typeof powerActions)[number]

export const isPowerAction = (word: string): word is PowerAction => (powerActions as readonly string[]).includes(word)

/** What became of one machine: `state` when its controller did as it was asked, `error` otherwise. */
export interface PowerResult {
  node: string
  /** Of the controller. */
  address: string | undefined
  state: string | undefined
  error: string | undefined
}

/** What is said of a machine whose controller accepted the action; the state itself for `status`. */
export const doneWords: Record<Exclude<PowerAction, 'status'>, string> = {
  on: 'on',
  off: 'off',
  reset: 'reset',
  cycle: 'cycled',
  identify: 'identify light on',
  noidentify: 'identify light off',
}

/** Nodes of which the same is to be said, as one hostlist each: `node[001-120]` → `on`; in the order in which they first came. */
export function foldNodes(
  said: readonly (readonly [node: string, words: string])[],
): [hostlist: string, words: string][] {
  const byWords = new Map<string, string[]>()
  for (const [node, words] of said) byWords.set(words, [...(byWords.get(words) ?? []), node])
  return [...byWords].map(([words, nodes]) => [foldHostlist(nodes), words])
}
