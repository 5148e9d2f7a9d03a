import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PublishedTorrent } from '../../src/operations/published-torrents.ts'
import { Head } from '../server/ltorrent/head.ts'
import { copiesOf, SwarmNode } from './node.ts'

let head: Head
let torrent: PublishedTorrent
beforeEach(async () => {
  head = new Head()
  await head.open()
  torrent = await head.addTorrent('compute-1.tar.zst', 4)
  head.state.uploadLimit = 1024 * 1024
})
afterEach(async () => {
  await head.close()
})

test('a head with several addresses is still one seeder', async () => {
  head.state.settings.headAddresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
  await head.start()
  const nodes = [1, 2, 3].map(number => new SwarmNode(head, torrent, number))
  for (const node of nodes) await node.finish()
  expect(nodes.map(node => node.whole)).toEqual([true, true, true])
  expect(nodes.flatMap(node => node.errors)).toEqual([])
  expect(head.log.filter(line => line.includes('dropped'))).toEqual([])
})

test('nodes with IPv6 and nodes with IPv4 alone in one swarm', async () => {
  head.state.settings.headAddresses = ['127.0.0.1', '::1']
  await head.start()
  const nodes = [
    new SwarmNode(head, torrent, 1, { address: '::1', version: 6 }),
    ...[2, 3].map(number => new SwarmNode(head, torrent, number)),
  ]
  for (const node of nodes) await node.finish()
  expect(nodes.map(node => node.whole)).toEqual([true, true, true])
  expect(copiesOf(nodes)).toBeLessThan(3)
})
