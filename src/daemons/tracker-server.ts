import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { SwarmSnapshot } from '../domain/swarm.ts'
import { LunaError } from '../errors.ts'
import { renderFailure } from '../torrent/announce-answer.ts'
import type { Log } from './log.ts'

/** What answers the requests; both take the raw query, still percent-encoded. */
export interface TrackerRoutes {
  /** @param clientAddress of the peer, as lweb saw it */
  announce(rawQuery: string, clientAddress: string): Promise<Buffer>
  scrape(rawQuery: string): Promise<Buffer>
  swarm(): SwarmSnapshot
}

interface Answer {
  status: number
  type: string
  body: string | Buffer
}

/** Clients take no notice of a tracker's content type; this is the customary one. */
const bencoded = (body: Buffer): Answer => ({ status: 200, type: 'text/plain', body })

/** The HTTP server for ltorrent's unix socket. It is not listening yet. */
export function createTrackerServer(routes: TrackerRoutes, log: Log): Server {
  return createServer((request, response) => {
    route(routes, request)
      .catch((error: unknown) => failureOf(error, log))
      .then(answer => send(response, answer))
  })
}

async function route(routes: TrackerRoutes, { url = '/', headers }: IncomingMessage): Promise<Answer> {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const rawQuery = mark < 0 ? '' : url.slice(mark + 1)
  if (path === '/announce') return bencoded(await routes.announce(rawQuery, getClientAddress(headers)))
  if (path === '/scrape') return bencoded(await routes.scrape(rawQuery))
  if (path === '/swarm') return { status: 200, type: 'application/json', body: JSON.stringify(routes.swarm()) }
  return { status: 404, type: 'text/plain', body: 'not found\n' }
}

function getClientAddress(headers: IncomingMessage['headers']): string {
  const address = headers['x-real-ip']
  if (typeof address === 'string') return address
  throw new LunaError('invalid', 'the request does not say whose it is (X-Real-IP)')
}

function failureOf(error: unknown, log: Log): Answer {
  if (error instanceof LunaError) return bencoded(renderFailure(error.message))
  log.error({ err: error }, 'a request failed by a fault of ltorrent')
  return bencoded(renderFailure('internal error'))
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
