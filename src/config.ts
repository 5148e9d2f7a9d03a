import { readFileSync, statSync } from 'node:fs'
import { type DatabaseUrl, parseDatabaseUrl } from './domain/database-url.ts'
import { LunaError } from './errors.ts'

/** What /etc/luna.conf and the environment say; this file is their only reader. */
export interface Config {
  /** Path of the file that was, or would have been, read. */
  path: string
  database: DatabaseUrl
  /** Who answers on the frontend address: lweb itself, or nginx in front of its unix socket. */
  frontend: 'lweb' | 'nginx'
  /** Directory of the daemons' unix sockets and pid files. */
  runDirectory: string
  /** What an administrator should see to, though everything works. */
  warnings: readonly string[]
}

const defaults = { path: '/etc/luna.conf', database: 'sqlite:/var/lib/luna/luna.db', runDirectory: '/run/luna' }

type Ini = Map<string, Map<string, string>>

export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const named = environment['LUNA_CONF'] || undefined
  const path = named ?? defaults.path
  const ini = parseIni(path, readText(path, named !== undefined))
  if (ini.has('MongoDB'))
    throw new LunaError(
      'invalid',
      `${path}: section [MongoDB] is of Luna 1; write instead: [database] and below it url = ${defaults.database}`,
    )
  checkKnown(path, ini)
  const database = parseUrl(path, ini.get('database')?.get('url') ?? defaults.database)
  return {
    path,
    database,
    frontend: parseFrontend(path, ini.get('lweb')?.get('frontend') ?? 'lweb'),
    runDirectory: parseRunDirectory(path, ini.get('daemons')?.get('run_directory') ?? defaults.runDirectory),
    warnings: findWarnings(path, database),
  }
}

/** Who reads the password can change the cluster. */
function findWarnings(path: string, database: DatabaseUrl): string[] {
  if (database.kind !== 'postgresql' || database.password === undefined) return []
  if ((statSync(path).mode & 0o004) === 0) return []
  return [
    `${path} holds a password and everyone can read it; run: chgrp luna ${path} && chmod 640 ${path} (luna: the daemons' user)`,
  ]
}

/** Program that edits texts, with its arguments. */
export const findEditor = (environment: NodeJS.ProcessEnv = process.env): string => environment['EDITOR'] || 'vi'

/** Whether systemd connects standard error to the journal (systemd.exec(5)). */
export const isUnderJournal = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  Boolean(environment['JOURNAL_STREAM'])

/** Bytes per second that the seeder may send of each torrent (LUNA_SEEDER_UPLOAD_LIMIT); undefined is no limit. */
export function findSeederUploadLimit(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const text = environment['LUNA_SEEDER_UPLOAD_LIMIT'] || undefined
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new LunaError('invalid', `LUNA_SEEDER_UPLOAD_LIMIT must be bytes per second, not "${text}"`)
}

const known = new Map([
  ['database', ['url']],
  ['lweb', ['frontend']],
  ['daemons', ['run_directory']],
])

function checkKnown(path: string, ini: Ini): void {
  for (const [section, entries] of ini) {
    const keys = known.get(section)
    if (!keys)
      throw new LunaError(
        'invalid',
        `${path}: unknown section [${section}]; there are [${[...known.keys()].join('], [')}]`,
      )
    for (const key of entries.keys())
      if (!keys.includes(key))
        throw new LunaError('invalid', `${path}: unknown setting "${key}" in [${section}]; there is ${keys.join(', ')}`)
  }
}

/** The default file need not be there; one that LUNA_CONF names must, or a slip would work on another cluster. */
function readText(path: string, required: boolean): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (!required && code === 'ENOENT') return ''
    if (code === 'EACCES')
      throw new LunaError(
        'forbidden',
        `this user may not read ${path}; root and the daemons' user must, as its group: chmod 640`,
      )
    throw new LunaError('failed', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

/** Sections, `key = value`, comments with # or ; at the start of a line. */
export function parseIni(path: string, text: string): Ini {
  const ini: Ini = new Map()
  let section: Map<string, string> | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const header = /^\[([^\]]+)\]$/.exec(line)
    if (header) {
      section = ini.get(header[1]!) ?? new Map()
      ini.set(header[1]!, section)
      continue
    }
    const entry = /^([^=\s]+)\s*=\s*(.*)$/.exec(line)
    if (!entry || !section)
      throw new LunaError('invalid', `${path}: line ${index + 1} is neither a [section] nor key = value`)
    section.set(entry[1]!, entry[2]!)
  }
  return ini
}

function parseUrl(path: string, url: string): DatabaseUrl {
  try {
    return parseDatabaseUrl(url)
  } catch (error) {
    throw new LunaError('invalid', `${path}: [database] url: ${(error as Error).message}`)
  }
}

function parseFrontend(path: string, value: string): 'lweb' | 'nginx' {
  if (value === 'lweb' || value === 'nginx') return value
  throw new LunaError('invalid', `${path}: [lweb] frontend must be lweb or nginx, not "${value}"`)
}

function parseRunDirectory(path: string, value: string): string {
  if (value.startsWith('/')) return value
  throw new LunaError('invalid', `${path}: [daemons] run_directory must be an absolute path, not "${value}"`)
}
