/**
 * Orders kernel versions (uname -r) as rpm orders versions: runs of digits by their value, runs of letters by the alphabet, a
 * number above a word, and of two that are alike so far the longer one above. Words that mark something that nobody wants as
 * "the newest" (a release candidate, a debug build) rank below the version without them.
 */
export function compareKernelVersions(left: string, right: string): number {
  const [a, b] = [segmentsOf(left), segmentsOf(right)]
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = compareSegments(a[index], b[index])
    if (order !== 0) return order
  }
  return left < right ? -1 : left > right ? 1 : 0
}

const segmentsOf = (version: string): string[] => version.match(/rc\d+|\d+|[A-Za-z]+/g) ?? []

const isBelowNothing = (segment: string): boolean => /^(rc\d+|debug)$/.test(segment)

function compareSegments(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  const order = rankOf(a) - rankOf(b)
  if (order !== 0 || a === undefined || b === undefined) return order
  return a.localeCompare(b, 'en', { numeric: true })
}

function rankOf(segment: string | undefined): number {
  if (segment === undefined) return 1
  if (isBelowNothing(segment)) return 0
  return /^\d/.test(segment) ? 3 : 2
}
