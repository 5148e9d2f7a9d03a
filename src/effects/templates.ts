import { readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { Liquid, LiquidError, type TagToken, type Template } from 'liquidjs'
import { LunaError } from '../errors.ts'

/**
 * Liquid templates from a list of directories. The first that has a file of the name wins, so that a site's copy
 * shadows the shipped one. Files are looked at at each use: an edited template counts at once, without restarting anything.
 */
export interface Templates {
  /**
   * @param name path below the template directories, such as `network/ifcfg.liquid`
   * @throws LunaError naming file and line: unknown variable or filter, bad syntax, missing or unreadable file
   */
  render(name: string, variables: Readonly<Record<string, unknown>>): string
  /** The file's text as it is. @throws LunaError when there is none */
  source(name: string): string
}

export function createTemplates(options: { directories: readonly string[] }): Templates {
  const read = keepingUnchanged(readTemplate)
  const findFile = (name: string) => findTemplate(options.directories, name, read)
  const source = (name: string) => findFile(name).text
  /** Text → path of what the present render has read: liquidjs forgets the file of some tokens, never their text. */
  const pathByText = new Map<string, string>()
  const find = (name: string): TemplateFile => {
    const file = findFile(name)
    pathByText.set(file.text, file.path)
    return file
  }
  let made: Liquid | undefined
  /** Most commands render nothing, and to make it takes 9 ms (bench/shell-loop.ts). */
  const liquid = (): Liquid => (made ??= createLiquid(find))
  /** Path → the text as it was last read, and what was made of it. */
  const parsed = new Map<string, { text: string; template: Template[] }>()
  const parse = ({ path, text }: TemplateFile): Template[] => {
    const last = parsed.get(path)
    if (last?.text === text) return last.template
    const template = liquid().parse(text, path)
    parsed.set(path, { text, template })
    return template
  }
  const render = (name: string, variables: Readonly<Record<string, unknown>>): string => {
    pathByText.clear()
    const file = find(name)
    try {
      return liquid().renderSync(parse(file), variables)
    } catch (error) {
      throw templateError(error, token => pathByText.get(token.input) ?? file.path)
    }
  }
  return { render, source }
}

interface TemplateFile {
  path: string
  text: string
}

/** Names are path elements of plain characters: nothing hidden, absolute or climbing out. */
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/

type Read = (path: string) => string | undefined

function findTemplate(directories: readonly string[], name: string, read: Read): TemplateFile {
  if (!namePattern.test(name)) throw new LunaError('invalid', `"${name}" is not the name of a template`)
  for (const directory of directories) {
    const path = join(directory, name)
    const text = read(path)
    if (text !== undefined) return { path, text }
  }
  throw new LunaError('failed', `template ${name} is missing from ${directories.join(' and ')}`)
}

/** To look at a file takes a tenth of what it takes to read it, and a rack that is switched on needs one template a thousand times. */
function keepingUnchanged(read: Read): Read {
  const kept = new Map<string, { text: string; stats: Stats }>()
  return path => {
    const stats = statIfPossible(path)
    const last = kept.get(path)
    if (last && stats && isSame(last.stats, stats)) return last.text
    const text = read(path)
    if (stats && text !== undefined) kept.set(path, { text, stats })
    return text
  }
}

/** Why it is not possible is told when it is read. */
function statIfPossible(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const isSame = (a: Stats, b: Stats): boolean =>
  a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs

function readTemplate(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new LunaError('failed', `cannot read template ${path}: ${message}`, { cause: error })
  }
}

/**
 * Plain Liquid, made strict, without escaping. Beyond Liquid itself: the filter `sh`, and the tag
 * `{% verbatim 'file' %}` that puts in a template file as it is, braces and all.
 */
function createLiquid(find: (name: string) => TemplateFile): Liquid {
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    relativeReference: false,
    root: [''], // {% render %} and {% include %} name files as render() does
    fs: {
      existsSync: () => true,
      readFileSync: name => find(name).text,
      resolve: (_directory, name) => name,
      exists: async () => true,
      readFile: async name => find(name).text,
    },
  })
  liquid.registerFilter('sh', quoteForShell)
  liquid.registerTag('verbatim', {
    parse(token: TagToken) {
      const name = /^(['"])(.*)\1$/.exec(token.args.trim())?.[2]
      if (name === undefined) throw new Error("verbatim takes a file name in quotes: {% verbatim 'file' %}")
      this['name'] = name
    },
    render() {
      return find(this['name']).text
    },
  })
  return liquid
}

/**
 * One word of a POSIX shell, whatever the value holds (POSIX.1-2024, XCU 2.2.2). A list becomes several words.
 */
export function quoteForShell(value: unknown): string {
  if (Array.isArray(value)) return value.map(quoteForShell).join(' ')
  if (value === null || value === undefined) return "''"
  if (!['string', 'number', 'boolean'].includes(typeof value)) throw new Error(`sh cannot quote a ${typeof value}`)
  const text = String(value)
  if (text.includes('\0')) throw new Error('sh cannot quote a NUL character')
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function templateError(error: unknown, pathOf: (token: { input: string }) => string): unknown {
  if (!LiquidError.is(error)) return error
  const root = rootOf(error)
  if (root instanceof LunaError) return root
  const [line] = error.token.getPosition()
  const message = root.message.replace(/, file:.*$|, line:\d+, col:\d+$/s, '')
  return new LunaError('failed', `template ${pathOf(error.token)}, line ${line}: ${message}`, {
    cause: error,
    detail: error.context,
  })
}

const rootOf = (error: Error): Error =>
  LiquidError.is(error) && error.originalError ? rootOf(error.originalError) : error
