import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Log } from './log.ts'

/** Where lweb is to listen. */
export interface Endpoint {
  host: string
  port: number
}

const nameOf = ({ host, port }: Endpoint): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

/** Seconds that a client gets for its request, and for the downloads under way when lweb ends. */
const requestTimeoutMs = 30_000
const drainMs = 3_000

/** TCP servers that come and go with the endpoints that are wanted. */
export class Listeners {
  readonly #handler: RequestListener
  readonly #log: Log
  readonly #servers = new Map<string, Server>()
  /** Why an endpoint could not be had at the last try. */
  readonly #trouble = new Map<string, string>()

  constructor(handler: RequestListener, log: Log) {
    this.#handler = handler
    this.#log = log
  }

  /** Listens on what is wanted and not listened on, ends what is no longer wanted. An address that is not on this machine is trouble, no error. */
  async follow(wanted: readonly Endpoint[]): Promise<void> {
    const names = new Set(wanted.map(nameOf))
    for (const name of this.#trouble.keys()) if (!names.has(name)) this.#trouble.delete(name)
    for (const [name, server] of this.#servers) if (!names.has(name)) this.#end(name, server)
    for (const endpoint of wanted) if (!this.#servers.has(nameOf(endpoint))) await this.#listen(endpoint)
  }

  listening(): string[] {
    return [...this.#servers.keys()]
  }

  /** One line for each endpoint that is waited for. */
  waitingFor(): string[] {
    return [...this.#trouble].map(([name, reason]) => `${name} (${reason})`)
  }

  /** Takes no new connections; resolves when the answers under way are sent, or took too long. */
  async close(): Promise<void> {
    await Promise.all([...this.#servers.values()].map(closeServer))
  }

  async #listen(endpoint: Endpoint): Promise<void> {
    const name = nameOf(endpoint)
    const server = createHttpServer(this.#handler)
    try {
      server.listen(endpoint)
      await once(server, 'listening')
      this.#servers.set(name, server)
      this.#trouble.delete(name)
      this.#log.info({}, `listening on ${name}`)
    } catch (error) {
      const reason = explain(error as NodeJS.ErrnoException)
      if (this.#trouble.get(name) !== reason) this.#log.warn({}, `cannot listen on ${name}: ${reason}; trying on`)
      this.#trouble.set(name, reason)
    }
  }

  #end(name: string, server: Server): void {
    this.#servers.delete(name)
    this.#log.info({}, `no longer listening on ${name}`)
    void closeServer(server)
  }
}

export function createHttpServer(handler: RequestListener): Server {
  return createServer({ requestTimeout: requestTimeoutMs, keepAliveTimeout: 10_000 }, handler)
}

export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearTimeout(timer)
}

function explain({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRNOTAVAIL') return 'this machine does not have the address yet'
  if (code === 'EADDRINUSE') return 'another program listens there'
  if (code === 'EACCES') return 'a port below 1024 is for root; let nginx listen there'
  return message
}
