import { describe, expect, test } from 'vitest'
import type { Announce } from '../../../src/torrent/announce.ts'
import { parsePeerAddress } from '../../../src/torrent/peer-address.ts'
import { Swarm } from '../../../src/torrent/swarm.ts'
import { randomNumbers } from './random-numbers.ts'

const announce = (changes: Partial<Announce> = {}): Announce => ({
  infoHash: '00'.repeat(20),
  peerId: Buffer.from('p'.repeat(20)),
  port: 7052,
  uploaded: 0,
  downloaded: 0,
  left: 1000,
  event: undefined,
  numWant: undefined,
  compact: true,
  noPeerId: false,
  ip: undefined,
  node: undefined,
  ...changes,
})
const address = parsePeerAddress('10.30.0.1')
const otherId = Buffer.from('q'.repeat(20))

describe('a peer', () => {
  test('has the rate of its last two announces', () => {
    const swarm = new Swarm()
    const peer = swarm.announce(announce({ event: 'started' }), address, 0)!
    expect(peer.rate).toBe(0)
    swarm.announce(announce({ downloaded: 300 }), address, 10_000)
    expect(peer).toMatchObject({ rate: 30, downloaded: 300, lastSeenMs: 10_000 })
    swarm.announce(announce({ downloaded: 900, left: 100 }), address, 15_000)
    expect(peer).toMatchObject({ rate: 120, left: 100 })
    // half a second later says nothing; the next one is measured from before it
    swarm.announce(announce({ downloaded: 1000, left: 0, event: 'completed' }), address, 15_500)
    expect(peer).toMatchObject({ rate: 120, left: 0 })
    swarm.announce(announce({ downloaded: 1000, left: 0 }), address, 20_000)
    expect(peer.rate).toBe(20)
    swarm.announce(announce({ downloaded: 0 }), address, 30_000)
    expect(peer.rate).toBe(0)
  })

  test('is counted as complete as long as it lacks nothing', () => {
    const swarm = new Swarm()
    swarm.announce(announce({ left: 5 }), address, 0)
    expect(swarm.complete).toBe(0)
    swarm.announce(announce({ left: 0, event: 'completed' }), address, 0)
    expect([swarm.complete, swarm.completions]).toEqual([1, 1])
    swarm.announce(announce({ left: 0, event: 'stopped' }), address, 0)
    expect([swarm.complete, swarm.completions, swarm.peers.length]).toEqual([0, 1, 0])
  })

  test('is replaced by the next client on its address and port', () => {
    const swarm = new Swarm()
    swarm.announce(announce({ downloaded: 500 }), address, 0)
    const next = swarm.announce(announce({ peerId: otherId }), address, 5000)
    expect(swarm.peers).toEqual([next])
    expect(next!.rate).toBe(0)
    // the late farewell of the first
    swarm.announce(announce({ event: 'stopped' }), address, 6000)
    expect(swarm.peers).toEqual([next])
  })

  test('is replaced when its node boots again, whatever port it has then', () => {
    const swarm = new Swarm()
    swarm.announce(announce({ node: 'node001' }), address, 0)
    swarm.announce(announce({ node: 'node002', port: 7060 }), address, 0)
    const again = swarm.announce(announce({ node: 'node001', port: 7099, peerId: otherId }), address, 0)
    expect(swarm.peers.map(peer => peer.port)).toEqual([7060, 7099])
    expect(swarm.peers).toContain(again)
    // another machine cannot push it out by its name
    swarm.announce(announce({ node: 'node001', port: 7001 }), parsePeerAddress('10.30.0.9'), 0)
    expect(swarm.peers).toHaveLength(3)
  })

  test('is forgotten when it falls silent', () => {
    const swarm = new Swarm()
    swarm.announce(announce(), address, 1000)
    swarm.announce(announce({ port: 7053, left: 0 }), address, 2000)
    swarm.expire(1001)
    expect(swarm.peers.map(peer => peer.port)).toEqual([7053])
    // and is a new one when it comes back
    swarm.announce(announce(), address, 3000)
    expect([swarm.peers.length, swarm.complete]).toEqual([2, 1])
  })
})

test('whoever announces again has neighbours on both sides, the first and the last as well', () => {
  const swarm = new Swarm()
  const ask = (host: number, left = 5) =>
    swarm.announce(announce({ left, peerId: Buffer.alloc(20, host) }), parsePeerAddress(`10.30.0.${host}`), 0)!
  for (let host = 0; host < 100; host++) ask(host)
  const neighboursOf = (host: number, count = 200) =>
    swarm.neighbours(count, ask(host)).map(({ address }) => Number(address.text.split('.')[3]))
  expect(neighboursOf(0)).toEqual([99, 1, 98, 2, 96, 4, 92, 8, 84, 16, 68, 32, 36, 64])
  expect(neighboursOf(50, 4)).toEqual([49, 51, 48, 52])
  ask(49, 0)
  // a seeder has no use for another
  expect(swarm.neighbours(4, ask(50, 0)).map(({ address }) => address.text)).not.toContain('10.30.0.49')
})

test('random swarms: nobody twice, never oneself, no more than wanted, the stopped and silent are gone', () => {
  const random = randomNumbers(42)
  const below = (limit: number) => Math.floor(random() * limit)
  for (let round = 0; round < 60; round++) {
    const swarm = new Swarm()
    const alive = new Map<string, { left: number; lastSeenMs: number }>()
    for (let nowMs = 0; nowMs < 300; nowMs++) {
      const host = below(40)
      const left = below(3)
      const event = random() < 0.2 ? 'stopped' : undefined
      const from = parsePeerAddress(host < 20 ? `10.30.0.${host}` : `fd00::${host}`)
      const peer = swarm.announce(announce({ left, event, peerId: Buffer.alloc(20, host) }), from, nowMs)
      expect(peer === undefined).toBe(event === 'stopped')
      if (peer) alive.set(from.text, { left, lastSeenMs: nowMs })
      else alive.delete(from.text)
      if (random() < 0.05) {
        swarm.expire(nowMs - 30)
        for (const [text, { lastSeenMs }] of alive) if (lastSeenMs < nowMs - 30) alive.delete(text)
      }
      if (!peer) continue
      const wanted = below(50)
      const named = swarm.neighbours(wanted, peer).map(other => other.address.text)
      const candidates = [...alive].filter(([text, other]) => text !== from.text && (left > 0 || other.left > 0))
      expect(new Set(named).size).toBe(named.length)
      expect(named.length).toBeLessThanOrEqual(wanted)
      expect(candidates.map(([text]) => text)).toEqual(expect.arrayContaining(named))
    }
    expect(swarm.peers.map(peer => peer.address.text).toSorted()).toEqual([...alive.keys()].toSorted())
    expect(swarm.complete).toBe([...alive.values()].filter(({ left }) => left === 0).length)
  }
})
