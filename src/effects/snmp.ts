import dgram from 'node:dgram'
import type { Options, Session, SocketMaker, User, Varbind } from 'net-snmp'
import { formatAddress } from '../domain/address.ts'
import type { Cell } from '../domain/bridge-mib.ts'
import type { Switch } from '../domain/switch.ts'
import { LunaError } from '../errors.ts'

type Package = typeof import('net-snmp')['default']

/** Whom to ask, and by what right. */
export type SnmpTarget = Pick<
  Switch,
  'address' | 'read' | 'snmpUser' | 'snmpLevel' | 'authProtocol' | 'authPassword' | 'privProtocol' | 'privPassword'
>

export interface Snmp {
  /**
   * Reads whole columns, in the order of their OIDs.
   * @throws failed with a reason that holds no secret: no answer, a refusal, an answer that makes no sense, a table without end
   */
  walk(target: SnmpTarget, columns: readonly string[], signal?: AbortSignal): Promise<Cell[][]>
}

/** How long one question waits, how often it is asked again, and how long all may take. */
interface Patience {
  timeoutMs: number
  retries: number
  deadlineMs: number
  /** Cells of one column; the largest switches know some 100,000 MACs. */
  mostCells: number
}

const patience: Patience = { timeoutMs: 2_000, retries: 1, deadlineMs: 20_000, mostCells: 200_000 }

/** Cells in one answer: what fits into a datagram of Ethernet's size, or nearly. */
const cellsAtOnce = 30

export const createSnmp = (options: Partial<Patience> = {}): Snmp => ({
  async walk(target, columns, signal) {
    const { default: snmp } = await import('net-snmp') // large, and few commands need it
    const limits = { ...patience, ...options }
    const ended = Promise.withResolvers<never>()
    const timer = setTimeout(() => ended.reject(new LunaError('failed', 'answers too slowly')), limits.deadlineMs)
    const end = () => ended.reject(new LunaError('failed', 'is no longer asked'))
    signal?.addEventListener('abort', end)
    const session = openSession(snmp, target, limits)
    try {
      return await Promise.race([walkColumns(snmp, session, columns, limits.mostCells), ended.promise])
    } catch (error) {
      throw explain(snmp, error, target)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      session.close()
    }
  },
})

function openSession(snmp: Package, target: SnmpTarget, { timeoutMs, retries }: Patience): Session {
  const transport = target.address.version === 4 ? 'udp4' : 'udp6'
  const options: Options = { transport, timeout: timeoutMs, retries, dgramModule: carefulSockets }
  const host = formatAddress(target.address)
  const session =
    target.snmpUser === ''
      ? snmp.createSession(host, target.read, { ...options, version: snmp.Version2c })
      : snmp.createV3Session(host, userOf(snmp, target), options)
  session.on('error', () => {}) // a datagram that is no SNMP; the question is asked again
  if (target.snmpUser !== '' && target.snmpLevel !== 'noAuthNoPriv') requireProof(session)
  return session
}

const userOf = (snmp: Package, target: SnmpTarget): User => ({
  name: target.snmpUser,
  level: snmp.SecurityLevel[target.snmpLevel]!,
  ...(target.snmpLevel !== 'noAuthNoPriv' && {
    authProtocol: snmp.AuthProtocols[target.authProtocol]!,
    authKey: target.authPassword,
  }),
  ...(target.snmpLevel === 'authPriv' && {
    privProtocol: snmp.PrivProtocols[target.privProtocol]!,
    privKey: target.privPassword,
  }),
})

/** The package throws out of its listener at some malformed datagrams, which would end the daemon. */
const carefulSockets: SocketMaker = {
  createSocket(type) {
    const socket = dgram.createSocket(type)
    const on = socket.on.bind(socket) as (event: string, listener: (...values: unknown[]) => void) => typeof socket
    const careful = (event: string, listener: (...values: unknown[]) => void) =>
      on(event, event === 'message' ? (...values) => void attempt(() => listener(...values)) : listener)
    return Object.assign(socket, { on: careful })
  },
}

function attempt(work: () => void): void {
  try {
    work()
  } catch {}
}

/** The package takes an answer without a digest although one was asked for: anybody could give it (RFC 3414 3.2 step 7). */
function requireProof(session: Session): void {
  const take = session.onSimpleGetResponse
  session.onSimpleGetResponse = (request, message) => {
    if (message.hasAuthentication()) take.call(session, request, message)
    else request.responseCb(new Error('an answer that nobody signed'))
  }
}

async function walkColumns(
  snmp: Package,
  session: Session,
  columns: readonly string[],
  mostCells: number,
): Promise<Cell[][]> {
  const walked: Cell[][] = []
  for (const column of columns) walked.push(await walkColumn(snmp, session, column.replace(/^\./, ''), mostCells))
  return walked
}

async function walkColumn(snmp: Package, session: Session, column: string, mostCells: number): Promise<Cell[]> {
  const cells: Cell[] = []
  let last = column
  while (true) {
    const answer = await getBulk(session, last)
    if (answer.length === 0) return cells
    for (const varbind of answer) {
      if (snmp.isVarbindError(varbind) || !varbind.oid.startsWith(`${column}.`)) return cells
      if (!follows(varbind.oid, last)) throw new LunaError('failed', 'lists its tables in circles')
      last = varbind.oid
      const value = cellValue(varbind)
      if (value !== undefined) cells.push({ index: last.slice(column.length + 1), value })
    }
    if (cells.length > mostCells) throw new LunaError('failed', `lists more than ${mostCells} entries below .${column}`)
  }
}

const getBulk = (session: Session, oid: string): Promise<readonly Varbind[]> =>
  new Promise((resolve, reject) =>
    session.getBulk([oid], 0, cellsAtOnce, (error, columns) => (error ? reject(error) : resolve(columns[0] ?? []))),
  )

function cellValue({ value }: Varbind): Cell['value'] | undefined {
  if (Buffer.isBuffer(value)) return value.toString()
  return typeof value === 'number' ? value : undefined
}

/** In the order of RFC 3416 4.2.2: number by number. */
function follows(oid: string, last: string): boolean {
  const [a, b] = [oid.split('.'), last.split('.')]
  const differs = a.findIndex((number, index) => number !== b[index])
  return differs >= 0 && (differs >= b.length || Number(a[differs]) > Number(b[differs]))
}

/** The package's words for what a v3 agent reports (RFC 3414 5, usmStats), and ours. */
const reports: readonly [RegExp, string][] = [
  [/^Unknown User Name/, 'does not know that SNMP user'],
  [/^Wrong Digest|^Authentication digest/, 'refuses the authentication password or protocol of its SNMP user'],
  [/^Unsupported Security Level/, 'refuses that level of security to its SNMP user'],
  [/^Decryption Error|^Failed to decrypt/, 'refuses the privacy password or protocol of its SNMP user'],
]

/** What went wrong, in words of ours: the package's own hold communities. */
function explain(snmp: Package, error: unknown, target: SnmpTarget): LunaError {
  return error instanceof LunaError ? error : new LunaError('failed', reasonOf(snmp, error, target))
}

function reasonOf(snmp: Package, error: unknown, { snmpUser }: SnmpTarget): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (error instanceof snmp.RequestTimedOutError)
    return snmpUser === ''
      ? 'does not answer SNMP v2c: is it on, is the address right, is the community?'
      : 'does not answer SNMP v3: is it on, is the address right?'
  if (error instanceof snmp.RequestFailedError) return `refuses to be read: ${message}`
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return `cannot be reached: ${code}`
  return reports.find(([report]) => report.test(message))?.[1] ?? 'answers, but not in SNMP that makes sense'
}
