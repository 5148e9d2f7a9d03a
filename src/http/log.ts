/** What the HTTP side asks of a logger. */
export interface HttpLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** For what anybody can cause as often as they like: bounded. */
  refused(fields: object, message: string): void
}

type Warnings = Pick<HttpLog, 'warn' | 'error'>

const windowMs = 10_000
const linesPerWindow = 20

/** Bounds what strangers can make lweb log; what was left out is counted. */
export function createHttpLog(log: Warnings, clock: () => number): HttpLog {
  let windowEnd = 0
  let lines = 0
  const refused: HttpLog['refused'] = (fields, message) => {
    const now = clock()
    if (now >= windowEnd) {
      if (lines > linesPerWindow) log.warn({}, `${lines - linesPerWindow} more requests were refused`)
      windowEnd = now + windowMs
      lines = 0
    }
    if (++lines <= linesPerWindow) log.warn(fields, message)
  }
  return { warn: log.warn.bind(log), error: log.error.bind(log), refused }
}
