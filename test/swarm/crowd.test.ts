import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PublishedTorrent } from '../../src/operations/published-torrents.ts'
import { Head, until } from '../server/ltorrent/head.ts'
import { SwarmNode } from './node.ts'
import { Peer } from './peer.ts'

const crowd = 2000

let head: Head
let torrent: PublishedTorrent
let port: number
let peers: Peer[]
beforeEach(async () => {
  head = new Head()
  await head.open()
  torrent = await head.addTorrent('compute-1.tar.zst', 3)
  peers = []
})
afterEach(async () => {
  for (const peer of peers) peer.socket.destroy()
  await head.close()
})

async function start(): Promise<void> {
  await head.start()
  port = await until('the head seeds', () => head.seederPort())
}

/** Of ltorrent, bytes. */
const memory = (): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${head.daemon!.pid}/status`, 'utf8'))![1]) * 1024

/** Many at once, as nodes are when a rack is switched on. */
async function gather(arrive: (index: number) => Promise<Peer>): Promise<void> {
  for (let index = 0; index < crowd; index += 100)
    peers.push(...(await Promise.all(Array.from({ length: 100 }, (_, more) => arrive(index + more)))))
}

test('2,000 peers at once: all are welcome, cost little, and a node among them gets everything', async () => {
  await start()
  const before = memory()
  await gather(index => Peer.join(port, torrent.infoHash, { localAddress: `127.0.${3 + (index >> 8)}.${index & 255}` }))
  await until('all are greeted', () => peers.every(peer => peer.greeted))
  expect((memory() - before) / crowd).toBeLessThan(32 * 1024)
  const node = new SwarmNode(head, torrent, 1)
  await node.finish()
  expect(peers.filter(peer => !peer.open)).toEqual([])
  expect(await head.announce(torrent.infoHash, '127.0.9.9')).toContain('5:peers')
})

test('2,000 who connect and say nothing keep nobody out', async () => {
  head.inside = ['prlimit', '--nofile=1600:1600']
  await start()
  await gather(() => Peer.connect(port))
  await until('most of them were sent away', () => peers.filter(peer => !peer.open).length > crowd / 2)
  // those who came last are given their time
  expect(peers.slice(-100).filter(peer => peer.open).length).toBe(100)
  await new SwarmNode(head, torrent, 1).finish()
})

test('more than there are files for: the tracker still answers, nodes that were there are served, others are refused', async () => {
  head.inside = ['prlimit', '--nofile=600:600']
  head.state.uploadLimit = 500 * 1024
  await start()
  const node = new SwarmNode(head, torrent, 1)
  await node.has(0.1)
  await gather(() => Peer.join(port, torrent.infoHash))
  await until('most of them were refused', () => peers.filter(peer => !peer.open).length > crowd / 2)
  expect(peers.filter(peer => peer.open && peer.greeted).length).toBeGreaterThan(100)
  // over a connection of its own
  expect((await head.swarm(torrent))?.seeding).toBe(true)
  expect(head.log.join()).toContain('peers are refused: 450 are connected already')
  await node.finish()
  expect(head.daemon!.exitCode).toBe(null)
})
