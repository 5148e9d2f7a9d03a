import { LunaError } from '../errors.ts'

/** Where a cluster is kept: `url` of luna.conf, and what `luna db copy` takes. */
export type DatabaseUrl = SqliteUrl | PostgresqlUrl

export interface SqliteUrl {
  kind: 'sqlite'
  path: string
}

export interface PostgresqlUrl {
  kind: 'postgresql'
  /** Where the primary may be; a host with a slash in front is the directory of a unix socket. */
  hosts: readonly { host: string; port: number }[]
  database: string
  /** Undefined is the name of the user that runs the program, as in libpq. */
  user: string | undefined
  password: string | undefined
  sslmode: SslMode
  /** File of certificates to trust instead of the system's. */
  sslrootcert: string | undefined
}

/** libpq's words and meanings, as far as they differ here. */
const sslModes = ['disable', 'prefer', 'require', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

const form = 'postgresql://USER:PASSWORD@HOST[:PORT][,HOST[:PORT]]/DATABASE'

/** @throws LunaError whose message never holds the password */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  if (/^sqlite:\/+[^/]/.test(url)) return { kind: 'sqlite', path: url.slice('sqlite:'.length) }
  if (/^postgres(ql)?:\/\/./.test(url)) return parsePostgresqlUrl(url)
  const shown = url.replace(/:\/\/.*@/, '://...@')
  throw new LunaError('invalid', `a database's url must start with sqlite:/ or postgresql://, not "${shown}"`)
}

/** The forms of libpq (PostgreSQL manual, 34.1.1.2), with as many hosts as there are heads. */
function parsePostgresqlUrl(url: string): PostgresqlUrl {
  const parts = /^[a-z]+:\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^@/?]*)\/([^@/?]+)(?:\?([^?]*))?$/.exec(url)
  if (!parts)
    throw new LunaError('invalid', `a database's url must be ${form}; write %40 for @, %2F for / in a password`)
  const [, user, password, authority, database, query] = parts
  const options = parseOptions(query ?? '')
  const hosts = (authority || options.get('host') || '').split(',').map(parseHost)
  return {
    kind: 'postgresql',
    hosts,
    database: decode(database!),
    user: user ? decode(user) : undefined,
    password: password === undefined ? undefined : decode(password),
    sslmode: parseSslMode(options.get('sslmode') ?? (hosts.every(isThisMachine) ? 'disable' : 'prefer')),
    sslrootcert: options.get('sslrootcert'),
  }
}

function parseOptions(query: string): Map<string, string> {
  const known = ['host', 'sslmode', 'sslrootcert']
  const options = new Map(new URLSearchParams(query))
  const unknown = [...options.keys()].find(name => !known.includes(name))
  if (unknown === undefined) return options
  throw new LunaError('invalid', `a database's url cannot have the option "${unknown}"; there are ${known.join(', ')}`)
}

function parseHost(text: string): { host: string; port: number } {
  const [, six, name, port = '5432'] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = six ?? name
  if (host !== undefined && Number(port) >= 1 && Number(port) <= 65535) return { host, port: Number(port) }
  throw new LunaError('invalid', `"${text}" in a database's url is not HOST or HOST:PORT; it must be ${form}`)
}

const isThisMachine = ({ host }: { host: string }) => /^(\/|localhost$|127\.|::1$)/.test(host)

function parseSslMode(text: string): SslMode {
  const mode = sslModes.find(one => one === text)
  if (mode) return mode
  throw new LunaError('invalid', `sslmode in a database's url must be one of ${sslModes.join(', ')}, not "${text}"`)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new LunaError(
      'invalid',
      "a % in a database's url must be followed by two hexadecimal digits; write %25 for %",
    )
  }
}

/** As messages say it: never with the password. */
export function nameDatabase(url: DatabaseUrl): string {
  if (url.kind === 'sqlite') return url.path
  const hosts = url.hosts.map(({ host, port }) =>
    port === 5432 ? host : host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
  )
  return `"${url.database}" on ${hosts.join(', ')}`
}
