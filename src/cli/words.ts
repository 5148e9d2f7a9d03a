import { LunaError } from '../errors.ts'
import type { Option } from './command.ts'

/** `-g, --group` → short `-g`, long `--group`. */
export function namesOf(option: Option): { short: string | undefined; long: string } {
  const words = option.flags.split(', ')
  return { short: words.find(word => !word.startsWith('--')), long: words.find(word => word.startsWith('--'))! }
}

/**
 * Rewrites other spellings to the ones declared: aliases (`--sn`, `-bn`), unambiguous beginnings of long options (`--na` for
 * `--name`), `--option=value`. What follows `--` is left alone.
 */
export function normalise(words: readonly string[], options: readonly Option[]): string[] {
  const spellings = new Map<string, string>()
  for (const option of options) {
    const { long, short } = namesOf(option)
    for (const alias of [long, short, ...(option.aliases ?? [])]) if (alias) spellings.set(alias, long)
  }
  const result: string[] = []
  for (const [index, word] of words.entries()) {
    if (word === '--') return [...result, ...words.slice(index)]
    result.push(normaliseWord(word, spellings))
  }
  return result
}

function normaliseWord(word: string, spellings: ReadonlyMap<string, string>): string {
  if (spellings.has(word)) return spellings.get(word)!
  const [, flag, value] = /^(--[a-z][\w-]*)(=.*)?$/s.exec(word) ?? []
  if (flag === undefined) return word
  const exact = spellings.get(flag)
  const found = exact
    ? [exact]
    : [...new Set([...spellings].filter(([name]) => name.startsWith(flag)).map(([, to]) => to))]
  if (found.length > 1) throw new LunaError('usage', `${flag} may mean ${found.join(' or ')}; write it out`)
  return found.length === 1 ? found[0] + (value ?? '') : word
}
