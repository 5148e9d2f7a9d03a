const modulus = 2 ** 32
const half = 2 ** 31

/** RFC 1982 3.2: whether a secondary that has `b` takes `a` for newer. */
export const isNewerSerial = (a: number, b: number): boolean => {
  const ahead = (a - b + modulus) % modulus
  return ahead > 0 && ahead < half
}

/**
 * A serial number that is newer than all of those: YYYYMMDDnn of today in UTC (RFC 1912 2.2), or the next one where they are there
 * already. Never 0, which some servers take for none.
 */
export function nextSerial(previous: readonly number[], nowMs: number): number {
  const today = Number(`${new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '')}00`)
  const latest = previous.reduce((a, b) => (isNewerSerial(b, a) ? b : a), previous[0] ?? today - 1)
  if (isNewerSerial(today, latest)) return today
  return (latest + 1) % modulus || 1
}

/** The serial number in a zone file's SOA record, wherever it breaks its lines; undefined when there is none to see. */
export function findSerial(zoneFile: string): number | undefined {
  const plain = zoneFile.slice(0, 4096).replace(/;.*$/gm, '')
  const [, digits] = /\sSOA\s+\S+\s+\S+[\s(]+(\d{1,10})[\s)]/i.exec(plain) ?? []
  const serial = digits === undefined ? Number.NaN : Number(digits)
  return serial < modulus ? serial : undefined
}
