import { LunaError } from '../errors.ts'

/** Texts of a machine's firmware: iPXE's `:uristring` leaves an & in them. */
const texts = new Set(['hwdata', 'serial', 'manufacturer', 'product'])
/** Names that lweb knows; anything else behind a firmware's text is part of that text. */
const known = new Set([
  'step',
  ...texts,
  'from',
  'mac',
  'uuid',
  'node',
  'type',
  'status',
  'uptime',
  'from_head',
  'from_peers',
  'from_web',
  'bad_peers',
  'failed_step',
  'exit',
])

/** The query of a request to /luna, decoded; the first of two of the same name counts. */
export function parseQuery(url: string): Map<string, string> {
  const start = url.indexOf('?')
  const query = new Map<string, string>()
  let last = ''
  for (const part of start === -1 ? [] : url.slice(start + 1).split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part) ?? []
    if (texts.has(last) && !known.has(name)) {
      query.set(last, `${query.get(last)}&${decode(part)}`)
      continue
    }
    last = name
    if (!query.has(name)) query.set(name, decode(value))
  }
  return query
}

/** RFC 3986 2.1; what is no UTF-8, or no encoding at all, stays as it was written. */
const decode = (text: string): string => text.replace(/(?:%[0-9a-f]{2})+/gi, decodeRun)

function decodeRun(run: string): string {
  try {
    return decodeURIComponent(run)
  } catch {
    return run
  }
}

export function requireParameter(query: ReadonlyMap<string, string>, name: string): string {
  const value = query.get(name)
  if (value) return value
  throw new LunaError('invalid', `the request lacks ${name}=`)
}

/** A number that is not negative, or undefined when it was not sent. */
export function findNumber(query: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = query.get(name)
  if (text === undefined || text === '') return undefined
  if (/^\d{1,15}(\.\d{1,9})?$/.test(text)) return Number(text)
  throw new LunaError('invalid', `${name} must be a number, not "${text}"`)
}
