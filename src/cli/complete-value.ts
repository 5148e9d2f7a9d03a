import type { Operand, Option } from './command.ts'
import { namesOf } from './words.ts'

/** A word that could stand there, and what it means. */
export interface Candidate {
  word: string
  help?: string
}

/** What a shell is told besides words: directories or files fit as well; the words are only beginnings of such that fit. */
export type Directive = ':directories' | ':files' | ':nospace'
export type Completion = readonly (Candidate | Directive)[]
export type Names = (kind: string) => Promise<readonly string[]>

export const startingWith = (typed: string, candidates: readonly Candidate[]): Candidate[] =>
  candidates.filter(({ word }) => word.startsWith(typed))

export async function completeOperand(typed: string, { names, words = [] }: Operand, read: Names): Promise<Completion> {
  const named = names === undefined ? [] : await completeNames(typed, names, read)
  return [...startingWith(typed, words.map(toCandidate)), ...named]
}

const toCandidate = (word: string): Candidate => ({ word })

/** Of what the word for an option's value speaks: `GROUP`, `y|n`. */
export function completeValue(typed: string, option: Option, read: Names): Promise<Completion> | Completion {
  const { value = '' } = option
  const word = value.replace(/^\[|\]$/g, '').replace(/\[.*/, '')
  if (/^[a-z]+(\|[a-z]+)+$/.test(word)) return startingWith(typed, word.split('|').map(toCandidate))
  if (word === 'DIR') return [':directories']
  if (word === 'FILE') return [':files']
  if (word === 'HOSTLIST' || word === 'HOST') return completeNames(typed, 'node', read)
  if (word === 'NAME' && interfaceOptions.has(namesOf(option).long)) return completeNames(typed, 'interface', read)
  return objectWords.has(word) ? completeNames(typed, word.toLowerCase(), read) : []
}

const objectWords = new Set(['OSIMAGE', 'BMCSETUP', 'NETWORK', 'SWITCH', 'GROUP', 'NODE'])
const interfaceOptions = new Set(['--interface', '--boot_if', '--torrent_if'])

/** The names that begin like the last one of a list: of `node001,no`, after the comma. */
async function completeNames(typed: string, kind: string, read: Names): Promise<Completion> {
  const [, before = '', last = ''] = /^(.*,)?([^,]*)$/s.exec(typed) ?? []
  if (last.includes('[') || before.lastIndexOf('[') > before.lastIndexOf(']')) return []
  const { words, areWhole } = bounded(
    (await read(kind)).filter(name => name.startsWith(last)),
    last.length,
  )
  return [...words.map(word => ({ word: before + word })), ...(areWhole ? [] : [':nospace' as const])]
}

/** As many as a shell shows without asking. */
const most = 100

/** The words themselves when they are few; else as long beginnings of them as there are few of. */
export function bounded(words: readonly string[], typedLength: number): { words: string[]; areWhole: boolean } {
  if (words.length <= most) return { words: [...words], areWhole: true }
  let beginnings: string[] = []
  for (let length = typedLength + 1; ; length++) {
    const longer = [...new Set(words.map(word => word.slice(0, length)))]
    if (longer.length > most || longer.length === words.length) break
    beginnings = longer
  }
  return { words: beginnings, areWhole: false }
}
