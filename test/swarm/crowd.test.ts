import { expect, onTestFinished, test } from 'vitest'
import { until } from '../server/ltorrent/head.ts'
import { Peer } from './peer.ts'
import { Swarm } from './swarm.ts'

const crowd = 2000

/** Many at once, as nodes are when a rack is switched on. */
async function gather(arrive: (index: number) => Promise<Peer>): Promise<Peer[]> {
  const peers: Peer[] = []
  onTestFinished(() => {
    for (const peer of peers) peer.socket.destroy()
  })
  for (let index = 0; index < crowd; index += 100)
    peers.push(...(await Promise.all(Array.from({ length: 100 }, (_, more) => arrive(index + more)))))
  return peers
}

test('2,000 peers at once: all are welcome, cost little, and a node among them gets everything', async context => {
  const swarm = await Swarm.open(context, 3)
  const { infoHash } = swarm.torrent
  const port = await swarm.start()
  const before = swarm.memory()
  const peers = await gather(index =>
    Peer.join(port, infoHash, { localAddress: `127.0.${3 + (index >> 8)}.${index & 255}` }),
  )
  await until('all are greeted', () => peers.every(peer => peer.greeted))
  expect((swarm.memory() - before) / crowd).toBeLessThan(32 * 1024)
  await swarm.finish(swarm.node(1))
  expect(peers.filter(peer => !peer.open)).toEqual([])
  expect(await swarm.head.announce(infoHash, '127.0.9.9')).toContain('5:peers')
})

test('2,000 who connect and say nothing keep nobody out', async context => {
  const swarm = await Swarm.open(context, 3)
  swarm.head.inside = ['prlimit', '--nofile=1600:1600']
  const port = await swarm.start()
  const peers = await gather(() => Peer.connect(port))
  await until('most of them were sent away', () => peers.filter(peer => !peer.open).length > crowd / 2)
  // those who came last are given their time
  expect(peers.slice(-100).filter(peer => peer.open).length).toBe(100)
  await swarm.finish(swarm.node(1))
})

test('more than there are files for: the tracker still answers, nodes that were there are served, others are refused', async context => {
  const swarm = await Swarm.open(context, 3)
  swarm.head.inside = ['prlimit', '--nofile=600:600']
  const port = await swarm.start(500 * 1024)
  const node = swarm.node(1)
  await node.has(0.1)
  const peers = await gather(() => Peer.join(port, swarm.torrent.infoHash))
  await until('most of them were refused', () => peers.filter(peer => !peer.open).length > crowd / 2)
  expect(peers.filter(peer => peer.open && peer.greeted).length).toBeGreaterThan(100)
  // over a connection of its own
  expect((await swarm.head.swarm(swarm.torrent))?.seeding).toBe(true)
  await swarm.says('peers are refused: 450 are connected already')
  await swarm.finish(node)
})
