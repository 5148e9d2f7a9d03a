import { LunaError } from '../errors.ts'

/** The parsed words of one command. Values are strings until a `parse` turns them into what their place asks for. */
export class Arguments {
  readonly #values: Readonly<Record<string, string | boolean | undefined>>
  readonly #subject: string | undefined
  /** Words after NAME. */
  readonly rest: readonly string[]
  /** `see: luna node add --help`, for messages. */
  readonly seeHelp: string

  constructor(
    command: string,
    subject: string | undefined,
    values: Readonly<Record<string, string | boolean | undefined>>,
    rest: readonly string[],
  ) {
    this.seeHelp = `see: ${command} --help`
    this.rest = rest
    this.#subject = subject
    this.#values = values
  }

  /** NAME as it was typed. */
  get subject(): string {
    if (this.#subject !== undefined) return this.#subject
    throw new LunaError('usage', 'no name was given: as the first word, or by -n NAME')
  }

  get subjectIfGiven(): string | undefined {
    return this.#subject
  }

  /** Whether the option is there, with a value or without. */
  has(option: string): boolean {
    return this.#values[option] !== undefined
  }

  /** The option's value through `parse`; undefined when it is not there. */
  get<T = string>(option: string, parse: (text: string) => T = text => text as T): T | undefined {
    const value = this.#values[option]
    return typeof value === 'string' ? parse(value) : undefined
  }

  need<T = string>(option: string, parse: (text: string) => T = text => text as T): T {
    const value = this.get(option, parse)
    if (value !== undefined) return value
    throw new LunaError('usage', `--${option} is missing; ${this.seeHelp}`)
  }

  /** `''` erases: the value through `parse`, or null for the empty string. */
  getOrNull<T = string>(option: string, parse: (text: string) => T = text => text as T): T | null | undefined {
    return this.get(option, text => (text === '' ? null : parse(text)))
  }
}

export function parseYesNo(text: string): boolean {
  if (/^y(es)?$/i.test(text)) return true
  if (/^no?$/i.test(text)) return false
  throw new LunaError('invalid', `"${text}" is neither yes nor no (y, yes, n or no)`)
}

/** A whole number within bounds, both included. */
export const parseNumber =
  (low: number, high: number) =>
  (text: string): number => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (number >= low && number <= high) return number
    throw new LunaError('invalid', `"${text}" is not a whole number from ${low} to ${high}`)
  }

export const parsePort = parseNumber(1, 65535)

/** A path from the root, without the dots and control characters that fool people, and what ends a string in configuration files. */
export function parsePath(text: string): string {
  const path = text.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  if (path.startsWith('/') && !/(^|\/)\.{1,2}(\/|$)|[\p{Cc}"\\]/u.test(path) && path !== '/') return path
  throw new LunaError(
    'invalid',
    `"${text}" is not an absolute path below / (without . and .. in it, quotation marks and backslashes)`,
  )
}

/** Text that ends up on one line of a script or a kernel command line. */
export function parseLine(text: string): string {
  if (!/\p{Cc}/u.test(text)) return text
  throw new LunaError('invalid', 'the value has line breaks or control characters; it must be one line')
}

/** Leaves out what is undefined, so that a change holds only what was said. */
export function given<T extends object>(values: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}
