/**
 * The one error an administrator is meant to read, and the one table that says what each kind means to a shell and to
 * an HTTP client. Anything that is not a LunaError is a bug: exit status 1 with a stack, HTTP 500 without detail.
 */

/** kind → [exit status of the commands, HTTP status]. Exit statuses are documented in docs/errors.md. */
export const errorTable = {
  /** Something outside Luna failed: a program, a disk, a server. */
  failed: { exit: 1, http: 503 },
  /** The words of the command make no sense. */
  usage: { exit: 2, http: 400 },
  /** A value is not what its place asks for. */
  invalid: { exit: 2, http: 400 },
  /** The object named does not exist. */
  notFound: { exit: 3, http: 404 },
  /** The name, address or MAC is taken, or something else is at work on it. */
  conflict: { exit: 4, http: 409 },
  /** The object is needed by another. */
  inUse: { exit: 5, http: 409 },
  /** Something must be done first (cluster init, osimage pack ...). */
  notReady: { exit: 6, http: 503 },
  /** The caller may not have it. */
  forbidden: { exit: 7, http: 403 },
} as const satisfies Record<string, { exit: number; http: number }>

export type ErrorKind = keyof typeof errorTable

/** An error with one line that says what is wrong and what to do. */
export class LunaError extends Error {
  readonly kind: ErrorKind
  /** Further lines worth seeing below the first, such as the words of dhcpd -t. */
  readonly detail: string | undefined

  constructor(kind: ErrorKind, message: string, options: { cause?: unknown; detail?: string } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'LunaError'
    this.kind = kind
    this.detail = options.detail
  }
}

/** Exit status for whatever was thrown. */
export const exitStatusOf = (error: unknown): number =>
  error instanceof LunaError ? errorTable[error.kind].exit : errorTable.failed.exit

/** HTTP status for whatever was thrown. */
export const httpStatusOf = (error: unknown): number => (error instanceof LunaError ? errorTable[error.kind].http : 500)
