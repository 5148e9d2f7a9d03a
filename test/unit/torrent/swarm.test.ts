import { describe, expect, test } from 'vitest'
import type { Announce } from '../../../src/torrent/announce.ts'
import { parsePeerAddress } from '../../../src/torrent/peer-address.ts'
import { sampleNearFirst, samplePeers } from '../../../src/torrent/peer-sample.ts'
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

describe('samplePeers', () => {
  test('every member comes as often as any other', () => {
    const random = randomNumbers(7)
    const items = Array.from({ length: 10 }, (_, index) => index)
    const counts = new Array<number>(10).fill(0)
    for (let round = 0; round < 20_000; round++)
      for (const item of samplePeers(items, 3, candidate => candidate !== 4, random)) counts[item]!++
    expect(counts[4]).toBe(0)
    for (const [item, count] of counts.entries()) if (item !== 4) expect(Math.abs(count - 6667)).toBeLessThan(400)
    expect(items.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })
  test('gives what there is', () => {
    expect(samplePeers([1, 2, 3], 9, item => item > 1, Math.random).toSorted()).toEqual([2, 3])
    expect(samplePeers([], 9, () => true, Math.random)).toEqual([])
    expect(samplePeers([1], 0, () => true, Math.random)).toEqual([])
  })
})

describe('sampleNearFirst', () => {
  test('random places: nobody twice, the near ones first, a third from elsewhere, no more missing than there are', () => {
    const random = randomNumbers(3)
    const below = (limit: number) => Math.floor(random() * limit)
    for (let round = 0; round < 3000; round++) {
      const peers = Array.from({ length: below(60) }, (_, id) => ({ id, place: below(3), wanted: random() < 0.8 }))
      const near = peers.filter(({ place }) => place === 0)
      const [count, wanted] = [below(40), peers.filter(peer => peer.wanted)]
      const input = { peers: [...peers], near: [...near], isNear: (peer: { place: number }) => peer.place === 0 }
      const found = sampleNearFirst(input, count, peer => peer.wanted, random)
      const [nearWanted, farWanted] = [0, 1].map(
        far => wanted.filter(({ place }) => (place > 0 ? 1 : 0) === far).length,
      )
      expect(new Set(found).size).toBe(found.length)
      expect(wanted).toEqual(expect.arrayContaining(found))
      expect(found).toHaveLength(Math.min(count, wanted.length))
      const far = found.filter(({ place }) => place > 0).length
      const third = Math.floor(count / 3)
      expect(far).toBe(Math.min(farWanted!, Math.max(third, count - nearWanted!)))
      expect(found.slice(found.length - far).every(({ place }) => place > 0)).toBe(true)
      expect([input.peers.length, input.near.length]).toEqual([peers.length, near.length])
    }
  })

  test('of each place every member comes as often as any other', () => {
    const random = randomNumbers(5)
    const peers = Array.from({ length: 20 }, (_, index) => index)
    const counts = new Array<number>(20).fill(0)
    const isNear = (peer: number) => peer < 12
    const input = { peers, near: peers.filter(isNear), isNear }
    for (let round = 0; round < 12_000; round++)
      for (const item of sampleNearFirst(input, 9, () => true, random)) counts[item]!++
    // six of twelve, three of eight
    for (const [item, count] of counts.entries())
      expect(Math.abs(count - (isNear(item) ? 6000 : 4500))).toBeLessThan(350)
  })
})

test('random swarms: nobody twice, never oneself, no more than wanted, the stopped and silent are gone', () => {
  const random = randomNumbers(42)
  const below = (limit: number) => Math.floor(random() * limit)
  for (let round = 0; round < 60; round++) {
    const swarm = new Swarm(random)
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
      const sample = swarm.sample(wanted, peer).map(other => other.address.text)
      const candidates = [...alive].filter(([text, other]) => text !== from.text && (left > 0 || other.left > 0))
      expect(new Set(sample).size).toBe(sample.length)
      expect(sample).toHaveLength(Math.min(wanted, candidates.length))
      expect(candidates.map(([text]) => text)).toEqual(expect.arrayContaining(sample))
    }
    expect(swarm.peers.map(peer => peer.address.text).toSorted()).toEqual([...alive.keys()].toSorted())
    expect(swarm.complete).toBe([...alive.values()].filter(({ left }) => left === 0).length)
  }
})
