import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Log } from '../log.ts'
import { type Greeting, readHandshake } from './read-handshake.ts'

/** Nodes of two clusters at once, and then some. */
const mostPeers = 4096
/** Of the files that this process may open; the tracker and the images need some, too. */
const peersPart = 0.75
/** Of the connections, those that have not said yet what they want. When there are more, who has been silent longest goes. */
const strangersPart = 0.25
/** How often it is said that peers are refused. */
const refusalMs = 60_000

/** Listens for peers. `welcome` gets those that have said in time what they want, of the protocol; all others are sent away without a word. */
export async function listenForPeers(
  port: number,
  log: Log,
  welcome: (socket: Socket, greeting: Greeting) => void,
): Promise<Server> {
  const strangers = new Set<Socket>()
  const most = Math.min(mostPeers, Math.floor(openFilesLimit() * peersPart))
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 }, async socket => {
    strangers.add(socket)
    if (strangers.size > most * strangersPart) dropOldest(strangers)
    const greeting = await readHandshake(socket)
    strangers.delete(socket)
    if (greeting && !socket.destroyed) welcome(socket, greeting)
    else socket.destroy()
  })
  server.maxConnections = most
  server.listen({ port })
  await once(server, 'listening')
  sayWhatIsRefused(server, log)
  return server
}

function dropOldest(sockets: Set<Socket>): void {
  const [oldest] = sockets // a set is in the order of arrival
  sockets.delete(oldest!)
  oldest!.destroy()
}

/** What the kernel allows this process; Node raises the soft limit to the hard one when it starts. */
function openFilesLimit(): number {
  const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
  return limit ? Number(limit[1]) : Number.POSITIVE_INFINITY
}

function sayWhatIsRefused(server: Server, log: Log): void {
  let saidMs = Number.NEGATIVE_INFINITY
  const say = (words: string) => {
    if (performance.now() - saidMs < refusalMs) return
    saidMs = performance.now()
    log.warn({}, words)
  }
  server.on('drop', () => say(`peers are refused: ${server.maxConnections} are connected already`))
  // accept(2) fails when the kernel has no memory or files for more; the next may fare better
  server.on('error', error => say(`cannot take a connection: ${error.message}`))
}
