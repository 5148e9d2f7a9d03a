import { LunaError } from '../errors.ts'
import type { Option } from './command.ts'

/** `-g, --group` → short `-g`, long `--group`. */
export function namesOf(option: Option): { short: string | undefined; long: string } {
  const words = option.flags.split(', ')
  return { short: words.find(word => !word.startsWith('--')), long: words.find(word => word.startsWith('--'))! }
}

/** Every way to write an option → the option. */
export type Spellings = ReadonlyMap<string, Option>

export function spellingsOf(options: readonly Option[]): Spellings {
  const spellings = new Map<string, Option>()
  for (const option of options) {
    const { long, short } = namesOf(option)
    for (const alias of [long, short, ...(option.aliases ?? [])]) if (alias) spellings.set(alias, option)
  }
  return spellings
}

/** Whether the next word is the option's value whatever it looks like: `-p -secret`. */
export const takesNextWord = ({ value }: Option): boolean => value !== undefined && !value.startsWith('[')

/**
 * Rewrites other spellings to the ones declared: aliases (`--sn`, `-bn`), unambiguous beginnings of long options (`--na` for
 * `--name`), `--option=value`. Values and what follows `--` are left alone.
 */
export function normalise(words: readonly string[], options: readonly Option[]): string[] {
  const spellings = spellingsOf(options)
  const result: string[] = []
  let isValue = false
  for (const [index, word] of words.entries()) {
    if (word === '--' && !isValue) return [...result, ...words.slice(index)]
    const found: FoundOption | undefined = isValue ? undefined : findOption(word, spellings)
    result.push(found ? namesOf(found.option).long + found.rest : word)
    isValue = found !== undefined && found.rest === '' && takesNextWord(found.option)
  }
  return result
}

/** The option that a word stands for, and its `=value` when that is in the same word. */
export interface FoundOption {
  option: Option
  rest: string
}

/** Nobody remembers which of the two stands between the letters. */
const same = (flag: string): string => flag.replaceAll('_', '-')

export function findOption(word: string, spellings: Spellings): FoundOption | undefined {
  const exact = spellings.get(word)
  if (exact) return { option: exact, rest: '' }
  const [, flag, rest = ''] = /^(--[a-z][\w-]*)(=.*)?$/s.exec(word) ?? []
  if (flag === undefined) return undefined
  const begins = [...spellings].filter(([name]) => same(name).startsWith(same(flag)))
  const whole = begins.find(([name]) => name.length === flag.length)
  if (whole) return { option: whole[1], rest }
  const found = [...new Set(begins.map(([, option]) => option))]
  if (found.length > 1)
    throw new LunaError('usage', `${flag} may mean ${found.map(one => namesOf(one).long).join(' or ')}; write it out`)
  return found[0] && { option: found[0], rest }
}
