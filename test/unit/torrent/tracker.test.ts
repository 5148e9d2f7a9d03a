import { describe, expect, test } from 'vitest'
import { parseAnnounce } from '../../../src/torrent/announce.ts'
import { endpointOf, type PeerPlace } from '../../../src/torrent/peer.ts'
import { type PeerAddress, parsePeerAddress } from '../../../src/torrent/peer-address.ts'
import { Tracker } from '../../../src/torrent/tracker.ts'

const hash = 'ab'.repeat(20)
const settings = { intervalSeconds: 10, minIntervalSeconds: 5, maxPeers: 20 }
const head = endpointOf(parsePeerAddress('10.30.255.254'), 7100)

function newTracker(heads = [head], placeOf?: (address: PeerAddress) => PeerPlace): Tracker {
  const tracker = new Tracker(settings, () => heads, placeOf)
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
    ['left=5', 15],
    ['left=5&numwant=7', 7],
    ['left=5&numwant=1', 1],
    ['left=5&numwant=0', 0],
    ['left=5&numwant=5000', 15],
    ['left=5&numwant=-1', 15],
    ['left=5&event=stopped', 0],
  ])('%s: %d peers', (extra, count) => {
    const tracker = newTracker()
    for (let host = 1; host < 100; host++) announce(tracker, host)
    expect(announce(tracker, 50, extra).peers).toHaveLength(count)
  })

  test('no more than the settings say', () => {
    const tracker = newTracker()
    tracker.settings = { ...settings, maxPeers: 6 }
    for (let host = 1; host < 100; host++) announce(tracker, host)
    expect(announce(tracker, 50, 'left=5&numwant=200').peers).toHaveLength(6)
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

describe('places', () => {
  const lastByte = (address: string) => Number(address.split('.')[3])
  /** 10.40.0.N is the address for the torrent of the node that has 10.30.0.N. */
  const placeOf = ({ text }: PeerAddress) => ({
    nodeId: lastByte(text),
    switchId: lastByte(text) > 10 ? lastByte(text) % 3 : undefined,
    forTorrent: text.startsWith('10.40'),
  })

  test('the head, then those at the same switch, and a few from elsewhere', () => {
    const tracker = newTracker([head], placeOf)
    for (let host = 11; host < 200; host++) announce(tracker, host)
    const { peers } = announce(tracker, 100)
    expect(peers[0]).toBe('10.30.255.254')
    const near = peers.slice(1).map(address => lastByte(address) % 3 === 100 % 3)
    expect(near).toEqual([...new Array(12).fill(true), ...new Array(4).fill(false)])
  })

  test('who is at no switch that is known gets anybody, and is given to anybody', () => {
    const tracker = newTracker([head], placeOf)
    for (let host = 1; host < 13; host++) announce(tracker, host)
    expect(
      announce(tracker, 1)
        .peers.map(lastByte)
        .filter(host => host > 10),
    ).not.toEqual([254])
    expect(
      announce(tracker, 12)
        .peers.map(lastByte)
        .filter(host => host < 11),
    ).not.toEqual([])
  })

  test('nodes with an interface for the torrent reach each other there, and everybody else where all are', () => {
    const tracker = newTracker([head], placeOf)
    announce(tracker, 1, 'left=5&ip=10.40.0.1')
    announce(tracker, 2)
    announce(tracker, 3, 'left=5&ip=10.40.0.99') // of another
    announce(tracker, 5, 'left=5&ip=10.30.0.5') // not for the torrent
    announce(tracker, 4, 'left=5&ip=10.40.0.4')
    expect(announce(tracker, 4, 'left=5&ip=10.40.0.4').peers.toSorted()).toEqual([
      '10.30.0.2',
      '10.30.0.3',
      '10.30.0.5',
      '10.30.255.254',
      '10.40.0.1',
    ])
    expect(announce(tracker, 2).peers.filter(address => address.startsWith('10.40'))).toEqual([])
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
