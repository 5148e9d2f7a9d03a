import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PublishedTorrent } from '../../src/operations/published-torrents.ts'
import { Head, until } from '../server/ltorrent/head.ts'
import { copiesOf, SwarmNode } from './node.ts'
import { Peer } from './peer.ts'

const kib = 1024

let head: Head
let torrent: PublishedTorrent
beforeEach(async () => {
  head = new Head()
  await head.open()
  torrent = await head.addTorrent('compute-1.tar.zst', 4)
})
afterEach(async () => {
  await head.close()
})

async function start(nodes: number, uploadLimit: number): Promise<SwarmNode[]> {
  head.state.uploadLimit = uploadLimit
  await head.start()
  return Array.from({ length: nodes }, (_, index) => new SwarmNode(head, torrent, index + 1))
}

async function finish(nodes: readonly SwarmNode[]): Promise<void> {
  for (const node of nodes) await node.finish()
  expect(nodes.map(node => node.whole)).toEqual(nodes.map(() => true))
}

test('the tracker is away for many of its intervals: who is there goes on, who comes meanwhile gets there', async () => {
  const nodes = await start(4, 400 * kib)
  const port = await until('the head seeds', () => head.seederPort())
  const idle = await Peer.join(port, torrent.infoHash, { have: { kind: 'haveAll' } })
  await Promise.all(nodes.map(node => node.has(0.1)))
  head.closeFront()
  const late = new SwarmNode(head, torrent, 5)
  await until('the late one has heard that there is no tracker', () => late.errors.length > 0)
  const { intervalSeconds } = head.state.settings
  await Promise.all([finish(nodes), sleep(6 * intervalSeconds * 1000)])
  expect(late.complete).toBe(false)
  await head.openFront()
  await finish([late])
  // nodes drop who is silent for half a minute
  expect(idle.keepAlives).toBeGreaterThan(0)
  expect(idle.open).toBe(true)
  idle.socket.destroy()
})

test('the seeder is killed and started again midway: it goes on where it was', async () => {
  const nodes = await start(4, 600 * kib)
  await Promise.all(nodes.map(node => node.has(0.3)))
  await head.kill('SIGKILL')
  const before = copiesOf(nodes)
  await head.start()
  await finish(nodes)
  // what nodes had told of before they were asked to take it again
  expect(copiesOf(nodes)).toBeLessThan(1.6)
  expect(copiesOf(nodes)).toBeGreaterThan(before)
})

test('a node that took what it was offered and then says nothing keeps nobody waiting', async () => {
  await start(0, 1500 * kib)
  const port = await until('the head seeds', () => head.seederPort())
  const silent = await Promise.all([1, 2, 3].map(() => Peer.join(port, torrent.infoHash)))
  await until('each has been offered pieces of its own', () => silent.every(peer => peer.offered.length === 2))
  expect(new Set(silent.flatMap(peer => peer.offered)).size).toBe(6)
  for (const peer of silent) peer.request({ piece: peer.offered[0]!, offset: 0, length: 16_384 })
  const nodes = [1, 2].map(number => new SwarmNode(head, torrent, number))
  await finish(nodes)
  expect(silent.map(peer => peer.open)).toEqual([true, true, true])
  for (const peer of silent) peer.socket.destroy()
})
