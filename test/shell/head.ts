/**
 * A head for the shell tests: answers what the files of its directory say, asks for token and port as lweb does, and
 * tracks with Luna's own tracker.
 *
 *   head.ts DIRECTORY PORT       writes DIRECTORY/ready when it listens, a line per request to DIRECTORY/requests
 *   DIRECTORY/script             the install script        DIRECTORY/status       answered instead of 200, while there
 *   DIRECTORY/torrents/*         files, with ranges        DIRECTORY/key.pem, certificate.pem   for https instead of http
 *   DIRECTORY/rate               bytes per second that a file is sent at, while there
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseRange } from '../../src/http/range.ts'
import { parseAnnounce } from '../../src/torrent/announce.ts'
import { renderAnnounceAnswer, renderFailure } from '../../src/torrent/announce-answer.ts'
import { parsePeerAddress } from '../../src/torrent/peer-address.ts'
import { Tracker } from '../../src/torrent/tracker.ts'

const [directory = '.', port = '0'] = process.argv.slice(2)
const tracker = new Tracker({ intervalSeconds: 2, minIntervalSeconds: 1, maxPeers: 50 }, () => [])

type Answer = [status: number, body: string | Buffer]

const read = (name: string): Buffer | undefined => {
  try {
    return readFileSync(join(directory, name))
  } catch {
    return undefined
  }
}

function announce(query: string): Answer {
  if (query === '' || !query.includes('info_hash')) return [200, renderFailure('which torrent?')]
  const asked = parseAnnounce(query)
  tracker.follow([asked.infoHash])
  const answer = tracker.announce(asked, parsePeerAddress('127.0.0.1'), Date.now())
  return [200, renderAnnounceAnswer(answer, { compact: true, noPeerId: true })]
}

function luna(request: IncomingMessage): Answer {
  const forced = read('status')?.toString().trim()
  if (forced) return [Number(forced), `forced ${forced}\n`]
  if (request.socket.remotePort! >= 1024) return [403, 'the source port is not below 1024\n']
  if (request.headers['luna-token'] !== 'abcd') return [403, 'the token is dead\n']
  if (request.url!.includes('status=')) return [200, 'ok\n']
  return [200, read('script') ?? '']
}

function answer(request: IncomingMessage): Answer {
  const [path = '', query = ''] = request.url!.split('?')
  if (path === '/announce') return announce(query)
  if (path === '/luna') return luna(request)
  const file = read(path.slice(1))
  return file ? [200, file] : [404, 'not found\n']
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request)
  const [found, whole] = answer(request)
  const range = found === 200 ? parseRange(request.headers.range, whole.length) : undefined
  const [status, content] = typeof range === 'object' ? [206, whole.slice(range.first, range.last + 1)] : [found, whole]
  appendFileSync(join(directory, 'requests'), `${JSON.stringify({ url: request.url, status, body })}\n`)
  if (typeof range === 'object')
    response.setHeader('content-range', `bytes ${range.first}-${range.last}/${whole.length}`)
  response.writeHead(status, { 'content-length': content.length })
  await send(response, content)
}

/** A tenth of a second's bytes at a time. */
async function send(response: ServerResponse, content: string | Buffer): Promise<void> {
  const step = Number(read('rate') ?? 10 * content.length) / 10
  let at = 0
  for (; at + step < content.length && !response.destroyed; at += step) {
    response.write(content.slice(at, at + step))
    await sleep(100)
  }
  response.end(content.slice(at))
}

const key = read('key.pem')
const server = key ? createTlsServer({ key, cert: read('certificate.pem') }, respond) : createServer(respond)
server.listen(Number(port), '127.0.0.1', () => writeFileSync(join(directory, 'ready'), ''))
