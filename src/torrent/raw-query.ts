import { LunaError } from '../errors.ts'

/**
 * Takes a URL's query apart without leaving bytes: `info_hash` and `peer_id` are binary (BEP 3), and whatever decodes to
 * text first corrupts them. `+` is itself, as RFC 3986 has it; only HTML forms mean a space by it.
 * @param rawQuery what stands behind the `?`, still percent-encoded; each character is one byte
 * @returns name → values in their order
 * @throws LunaError on a broken percent-encoding
 */
export function parseRawQuery(rawQuery: string): Map<string, Buffer[]> {
  const values = new Map<string, Buffer[]>()
  for (const pair of rawQuery.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    const value = decodePercent(equals < 0 ? '' : pair.slice(equals + 1))
    const present = values.get(name)
    if (present) present.push(value)
    else values.set(name, [value])
  }
  return values
}

const percent = 0x25

/** Percent-decoding to bytes. @throws LunaError */
export function decodePercent(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  let to = bytes.indexOf(percent)
  if (to < 0) return bytes
  for (let from = to; from < bytes.length; to++) {
    if (bytes[from] !== percent) {
      bytes[to] = bytes[from++]!
      continue
    }
    const digits = text.slice(from + 1, from + 3)
    if (!/^[0-9a-f]{2}$/i.test(digits)) throw new LunaError('invalid', 'broken percent-encoding in the query')
    bytes[to] = Number.parseInt(digits, 16)
    from += 3
  }
  return bytes.subarray(0, to)
}
