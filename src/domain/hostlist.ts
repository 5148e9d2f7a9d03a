import { LunaError } from '../errors.ts'

/** More than this in one hostlist is a slip of the finger: no cluster of Luna's kind has as many nodes. */
const mostNames = 100_000

/** `node[001-003,007],login1` → node001, node002, node003, node007, login1; order kept, doubles dropped. */
export function parseHostlist(text: string): string[] {
  const names = new Set<string>()
  for (const part of splitOutsideBrackets(text)) {
    if (part === '') throw malformed(text)
    for (const name of expand(part, text)) names.add(name)
    if (names.size > mostNames) throw tooMany(text)
  }
  return [...names]
}

function splitOutsideBrackets(text: string): string[] {
  const parts: string[] = ['']
  let depth = 0
  for (const char of text) {
    if (char === '[') depth++
    if (char === ']') depth--
    if (depth < 0 || depth > 1) throw malformed(text)
    if (char === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += char
  }
  if (depth !== 0) throw malformed(text)
  return parts
}

/** Expands the first bracket and whatever follows it. */
function expand(part: string, whole: string): string[] {
  const match = /^([^[\]]*)\[([^\]]*)\](.*)$/.exec(part)
  if (!match) return [part]
  const [, before, ranges, after] = match as unknown as [string, string, string, string]
  const tails = expand(after, whole)
  const numbers: string[] = []
  for (const range of ranges.split(',')) {
    numbers.push(...expandRange(range, whole))
    if (numbers.length * tails.length > mostNames) throw tooMany(whole)
  }
  return numbers.flatMap(number => tails.map(tail => before + number + tail))
}

function expandRange(range: string, whole: string): string[] {
  const match = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(range)
  if (!match) throw malformed(whole)
  const first = match[1]!
  const low = Number(first)
  const high = Number(match[2] ?? first)
  if (high < low) throw new LunaError('invalid', `hostlist "${whole}": range ${range} runs backwards`)
  if (high - low >= mostNames) throw tooMany(whole)
  return Array.from({ length: high - low + 1 }, (_, index) => String(low + index).padStart(first.length, '0'))
}

const tooMany = (text: string): LunaError =>
  new LunaError('invalid', `hostlist "${text}" names more than ${mostNames} hosts`)

const malformed = (text: string): LunaError =>
  new LunaError('invalid', `"${text}" is not a hostlist (like node001, node[001-005,007] or node001,login1)`)

/** Folds names into a hostlist: node001 node002 node003 → node[001-003]. */
export function foldHostlist(names: readonly string[]): string {
  const groups = new Map<string, { prefix: string; width: number; numbers: number[] }>()
  const single: string[] = []
  for (const name of [...new Set(names)].sort()) {
    const match = /^(.*?)(\d{1,15})$/.exec(name)
    if (!match) {
      single.push(name)
      continue
    }
    const key = `${match[1]}/${match[2]!.length}`
    const group = groups.get(key) ?? { prefix: match[1]!, width: match[2]!.length, numbers: [] }
    group.numbers.push(Number(match[2]))
    groups.set(key, group)
  }
  return [...single, ...[...groups.values()].map(foldGroup)].join(',')
}

/** `switch "a"` or `switches a,b[1-2]`: how messages name hosts of a kind, however many. */
export const nameHosts = (kind: 'node' | 'switch' | 'otherdev', names: readonly string[]): string =>
  names.length === 1 ? `${kind} "${names[0]}"` : `${kind}${kind === 'switch' ? 'es' : 's'} ${foldHostlist(names)}`

export const nameNodes = (names: readonly string[]): string => nameHosts('node', names)

function foldGroup(group: { prefix: string; width: number; numbers: number[] }): string {
  const runs: [number, number][] = []
  for (const number of group.numbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last && last[1] + 1 === number) last[1] = number
    else runs.push([number, number])
  }
  const digits = (number: number) => String(number).padStart(group.width, '0')
  const [first] = runs
  if (runs.length === 1 && first![0] === first![1]) return group.prefix + digits(first![0])
  const ranges = runs.map(([low, high]) => (low === high ? digits(low) : `${digits(low)}-${digits(high)}`))
  return `${group.prefix}[${ranges.join(',')}]`
}
