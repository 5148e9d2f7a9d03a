import { describe, expect, test } from 'vitest'
import { parseAnnounce } from '../../../src/torrent/announce.ts'
import { endpointOf } from '../../../src/torrent/peer.ts'
import { parsePeerAddress } from '../../../src/torrent/peer-address.ts'
import { Tracker } from '../../../src/torrent/tracker.ts'

const hash = 'ab'.repeat(20)
const settings = { intervalSeconds: 10, minIntervalSeconds: 5, maxPeers: 20 }
const head = endpointOf(parsePeerAddress('10.30.255.254'), 7100)

function newTracker(heads = [head]): Tracker {
  const tracker = new Tracker(settings, () => heads)
  tracker.follow([hash])
  return tracker
}

/** The announce of host number N, as text of the query. */
function announce(tracker: Tracker, host: number, extra = 'left=5', nowMs = 0) {
  const peerId = `peer${host}`.padEnd(20, '-')
  const query = `info_hash=${'%AB'.repeat(20)}&peer_id=${peerId}&port=7052&uploaded=0&downloaded=0&${extra}`
  const answer = tracker.announce(parseAnnounce(query), parsePeerAddress(`10.30.0.${host}`), nowMs)
  return { ...answer, peers: answer.peers.map(peer => peer.address.text) }
}

describe('announce', () => {
  test('the first is told the head alone, and the settings', () => {
    expect(announce(newTracker(), 1)).toEqual({
      intervalSeconds: 10,
      minIntervalSeconds: 5,
      complete: 1,
      incomplete: 1,
      peers: ['10.30.255.254'],
    })
  })

  test('the head is always the first, under each of its addresses, and counted once', () => {
    const tracker = newTracker([head, endpointOf(parsePeerAddress('fd00::1'), 7100)])
    for (let host = 1; host < 100; host++) announce(tracker, host)
    for (const extra of ['left=5', 'left=0', 'left=5&numwant=2', 'left=5&event=completed']) {
      const { peers, complete } = announce(tracker, 100, extra)
      expect(peers.slice(0, 2)).toEqual(['10.30.255.254', 'fd00::1'])
      expect(complete).toBe(extra === 'left=0' ? 2 : 1)
    }
  })

  test.each([
    ['left=5', 20],
    ['left=5&numwant=7', 7],
    ['left=5&numwant=1', 1],
    ['left=5&numwant=0', 0],
    ['left=5&numwant=5000', 20],
    ['left=5&numwant=-1', 20],
    ['left=5&event=stopped', 0],
  ])('%s: %d peers', (extra, count) => {
    const tracker = newTracker()
    for (let host = 1; host < 100; host++) announce(tracker, host)
    expect(announce(tracker, 50, extra).peers).toHaveLength(count)
  })

  test('fifty unless the client says how many', () => {
    const tracker = newTracker()
    tracker.settings = { ...settings, maxPeers: 200 }
    for (let host = 1; host < 100; host++) announce(tracker, host)
    expect(announce(tracker, 50).peers).toHaveLength(50)
    expect(announce(tracker, 50, 'left=5&numwant=200').peers).toHaveLength(99)
  })

  test('a torrent that is not published is refused', () => {
    const tracker = newTracker()
    announce(tracker, 1)
    tracker.follow(['00'.repeat(20)])
    expect(() => announce(tracker, 1)).toThrow(`torrent ${hash} is not published here`)
    // what it knew of it is gone
    tracker.follow([hash])
    expect(announce(tracker, 2).incomplete).toBe(1)
  })

  test('following further torrents keeps the peers', () => {
    const tracker = newTracker()
    announce(tracker, 1)
    tracker.follow([hash, '00'.repeat(20)])
    expect(announce(tracker, 2).peers).toEqual(['10.30.255.254', '10.30.0.1'])
  })

  test('who misses three announces is gone', () => {
    const tracker = newTracker()
    announce(tracker, 1)
    tracker.expire(30_000)
    expect(announce(tracker, 2, 'left=5', 30_000).peers).toContain('10.30.0.1')
    tracker.expire(30_001)
    expect(announce(tracker, 2, 'left=5', 30_001).peers).not.toContain('10.30.0.1')
  })
})

test('scrape', () => {
  const tracker = newTracker()
  announce(tracker, 1)
  announce(tracker, 2, 'left=0&event=completed')
  announce(tracker, 3, 'left=7')
  tracker.follow([hash, '00'.repeat(20)])
  const ours = { infoHash: hash, complete: 2, incomplete: 2, downloaded: 1 }
  expect(tracker.scrape([hash])).toEqual([ours])
  expect(tracker.scrape([hash, hash, 'ff'.repeat(20)])).toEqual([ours])
  expect(tracker.scrape([])).toEqual([ours, { infoHash: '00'.repeat(20), complete: 1, incomplete: 0, downloaded: 0 }])
})
