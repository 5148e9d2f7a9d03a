/** Announces per second in a swarm of 2000 peers: the protocol alone, and through HTTP beside a plain fastify route. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify from 'fastify'
import { Publication } from '../src/daemons/publication.ts'
import type { Seeder } from '../src/daemons/seeder.ts'
import { createTrackerServer } from '../src/daemons/tracker-server.ts'
import type { PeerPlace } from '../src/torrent/peer.ts'
import { parsePeerAddress, peerAddressHex } from '../src/torrent/peer-address.ts'

const peers = 2000
const connections = 32
const requests = 20_000
const infoHash = 'ab'.repeat(20)
const seeding = { infoHash, port: 7100, seeding: true }
/** A seeder that has always been there: what is measured is the tracker. */
const seeder: Seeder = {
  follow: () => {},
  find: () => seeding,
  progress: () => [],
  settled: async () => {},
  stop: async () => {},
}
const torrent = {
  infoHash,
  torrentPath: '',
  dataDirectory: '',
  name: 'compute-1.tar.zst',
  sizeBytes: 1e9,
  pieceLengthBytes: 2 ** 20,
}
const settings = {
  intervalSeconds: 10,
  minIntervalSeconds: 5,
  maxPeers: 200,
  headAddresses: ['10.30.255.254'],
  listenPorts: { min: 7052, max: 7200 },
}
const silent = { info: () => {}, warn: () => {}, error: () => {} }

const addressOf = (peer: number) => `10.30.${peer >> 8}.${peer & 255}`
const queryOf = (peer: number) =>
  `node=node${peer}&info_hash=${'%AB'.repeat(20)}&peer_id=A2-1-36-0-%00${String(peer).padStart(9, '0')}&port=7052` +
  '&uploaded=0&downloaded=1048576&left=998951424&compact=1&numwant=50&no_peer_id=1&supportcrypto=1'

/** Requests one after the other on each of the connections. @returns requests per second */
async function measureHttp(socketPath: string): Promise<number> {
  let sent = 0
  const startedMs = performance.now()
  const work = async () => {
    const socket = connect(socketPath)
    await once(socket, 'connect')
    while (sent < requests) {
      const peer = sent++ % peers
      socket.write(`GET /announce?${queryOf(peer)} HTTP/1.1\r\nHost: luna\r\nX-Real-IP: ${addressOf(peer)}\r\n\r\n`)
      await once(socket, 'data') // head and body of some 500 bytes come as one
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, work))
  return (requests * 1000) / (performance.now() - startedMs)
}

async function measureProtocol(publication: Publication): Promise<number> {
  const startedMs = performance.now()
  for (let sent = 0; sent < requests; sent++) await publication.announce(queryOf(sent % peers), addressOf(sent % peers))
  return (requests * 1000) / (performance.now() - startedMs)
}

const directory = mkdtempSync(join(tmpdir(), 'luna-bench-'))
/** Fifty nodes at a switch. */
const places = Array.from({ length: peers }, (_, nodeId): [string, PeerPlace] => [
  peerAddressHex(parsePeerAddress(addressOf(nodeId))),
  { nodeId, switchId: Math.floor(nodeId / 50), forTorrent: false },
])
const source = {
  published: async () => [torrent],
  clusterSettings: async () => settings,
  nodePlaces: async () => new Map(places),
  headNetworks: () => [],
  recordStorms: async () => [],
}
const publication = new Publication(source, seeder, silent)
await publication.refresh()
const tracker = createTrackerServer(publication, silent).listen(join(directory, 'tracker'))
const plain = fastify()
const body = Buffer.alloc(385)
plain.get('/announce', (_, reply) => reply.send(body))
await plain.listen({ path: join(directory, 'plain') })

const protocol = await measureProtocol(publication)
for (const name of ['plain', 'tracker']) await measureHttp(join(directory, name)) // warm up
const plainRate = await measureHttp(join(directory, 'plain'))
const trackerRate = await measureHttp(join(directory, 'tracker'))
const rate = (perSecond: number) => `${Math.round(perSecond).toLocaleString('en')}/s`
console.log(`announces with ${peers} peers, 50 in each answer`)
console.log(`  protocol alone       ${rate(protocol)}`)
console.log(`  through HTTP         ${rate(trackerRate)}`)
console.log(`  plain fastify route  ${rate(plainRate)}`)
console.log(`  ratio tracker/plain  ${(trackerRate / plainRate).toFixed(2)}`)

tracker.close()
tracker.closeAllConnections()
await plain.close()
rmSync(directory, { recursive: true })
