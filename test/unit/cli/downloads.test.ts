import { expect, test } from 'vitest'
import { findDownloads } from '../../../src/cli/downloads.ts'

const peer = (node: string | null, left: number, last_seen_ms: number) => ({
  ...{ node, left, last_seen_ms, ip: '10.30.0.1', port: 7052 },
  ...{ downloaded: 0, uploaded: 0, rate: 5, from_head: null },
})
const torrent = (name: string, ...peers: ReturnType<typeof peer>[]) => ({
  ...{ info_hash: name, name, size: 100, seeding: true, peers },
})

test('of a node that was reset and fetches another image now, that one counts', async () => {
  const torrents = [
    torrent('a', peer('node001', 90, 2000), peer('node002', 50, 1000), peer(null, 1, 1000)),
    torrent('b', peer('node001', 20, 1000), peer('node003', 0, 1000)),
  ]
  const downloads = await findDownloads({ swarm: { read: async () => ({ torrents }) } })
  expect([...downloads].map(([node, { percent }]) => [node, percent]).toSorted()).toEqual([
    ['node001', 10],
    ['node002', 50],
    ['node003', 100],
  ])
})
