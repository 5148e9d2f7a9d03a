/** Words that people bring along from other programs. */
const synonyms: Readonly<Record<string, string>> = {
  ...{ ls: 'list', create: 'add', new: 'add', set: 'change', edit: 'change', modify: 'change', update: 'change' },
  ...{ remove: 'delete', rm: 'delete', del: 'delete', get: 'show', info: 'show', mv: 'rename', copy: 'clone' },
  ...{ image: 'osimage', bmc: 'bmcsetup', device: 'otherdev', host: 'node' },
}

/** `; did you mean "node"?`: the word that was probably meant, or nothing when none is near. */
export function suggest(typed: string, known: readonly string[]): string {
  const meant = nearest(typed, known)
  return meant === undefined ? '' : `; did you mean "${meant}"?`
}

function nearest(typed: string, known: readonly string[]): string | undefined {
  const synonym = Object.hasOwn(synonyms, typed) ? synonyms[typed] : undefined
  if (synonym !== undefined && known.includes(synonym)) return synonym
  const length = typed.replace(/^-+/, '').length
  // one slip in a short word, a third of the letters of a long one; nobody mistypes a word of a hundred letters
  const most = Math.min(4, Math.max(1, Math.floor(length / 3)))
  if (length < 2 || length > 40) return undefined
  const near = known
    .map(word => ({ word, slips: countSlips(typed.toLowerCase(), word) }))
    .filter(({ word, slips }) => slips <= most && slips < word.replace(/^-+/, '').length)
  return near.sort((a, b) => a.slips - b.slips)[0]?.word
}

/** Letters added, left out, taken for another or swapped with the next (optimal string alignment distance). */
export function countSlips(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (same ? 0 : 1),
        swapped ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY,
      )
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
