import { describe, expect, test } from 'vitest'
import type { FirstShare } from '../../../src/torrent/fresh-pieces.ts'
import { OneCopyPlan } from '../../../src/torrent/one-copy-plan.ts'

function planWith(peers: number, pieceCount = 100, first?: FirstShare): OneCopyPlan {
  const plan = new OneCopyPlan({ pieceCount, ...(first && { first }) })
  for (let id = 1; id <= peers; id++) plan.addPeer(id)
  return plan
}

/** What each of so many peers is offered now, by its number from 1 on. */
function offered(plan: OneCopyPlan, peers: number, nowMs: number): number[][] {
  const pieces = Array.from({ length: peers }, () => [] as number[])
  for (const { peer, piece } of plan.offers(nowMs)) pieces[peer - 1]!.push(piece)
  return pieces
}

describe('who is offered what', () => {
  test('each piece goes to one peer, in the order of the file; the peers take turns', () => {
    const plan = planWith(3)
    expect(offered(plan, 3, 0)).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ])
    plan.have(2, 1, 100)
    expect(offered(plan, 3, 100)[1]![0]).toBe(6)
  })

  test('of a thousand peers only some have pieces under way, and all get their turn', () => {
    const plan = planWith(1000, 5000)
    const served = new Set<number>()
    const underWay: { peer: number; piece: number }[] = []
    for (let nowMs = 0; served.size < 1000; nowMs += 5) {
      for (const offer of plan.offers(nowMs)) {
        plan.asked(offer.peer, offer.piece)
        underWay.push(offer)
      }
      expect(underWay.length).toBeLessThan(150)
      const { peer, piece } = underWay.shift()!
      expect(served.has(peer)).toBe(false)
      served.add(peer)
      plan.have(peer, piece, nowMs)
    }
  })

  test('a peer among two thousand silent ones gets everything', () => {
    const plan = planWith(2000, 48)
    plan.addPeer(2001)
    const got = new Set<number>()
    let nowMs = 0
    for (; got.size < 48 && nowMs < 60_000; nowMs += 100) {
      plan.tick(nowMs)
      for (const { peer, piece } of plan.offers(nowMs)) {
        if (peer !== 2001) continue
        got.add(piece)
        plan.asked(peer, piece)
        plan.have(peer, piece, nowMs)
      }
    }
    expect(nowMs).toBeLessThan(20_000)
  })

  test('what a peer had when it was lost goes to another', () => {
    const plan = planWith(1)
    expect(offered(plan, 1, 0)).toEqual([[0, 1]])
    plan.have(1, 0, 10)
    plan.removePeer(1)
    plan.addPeer(2)
    expect(offered(plan, 2, 20)[1]!.toSorted()).toEqual([0, 1])
  })

  test('what somebody brought along is not sent', () => {
    const plan = planWith(1)
    plan.addPeer(2)
    plan.haveAlready(1, [0, 1, 2], 0)
    expect(offered(plan, 2, 0)).toEqual([
      [3, 5],
      [4, 6],
    ])
  })

  test('an offer of what the peer turns out to have is none', () => {
    const plan = planWith(1, 6)
    expect(offered(plan, 1, 0)).toEqual([[0, 1]])
    plan.haveAlready(1, [0, 1], 0)
    plan.tick(0)
    expect(offered(plan, 1, 0)).toEqual([[2, 3]])
    expect(plan.underWayTo(1)).toEqual([2, 3])
    plan.removePeer(1)
    plan.addPeer(2)
    expect(offered(plan, 2, 0)[1]).toEqual([2, 3])
    plan.have(2, 2, 10)
    plan.have(2, 3, 10)
    expect(offered(plan, 2, 10)[1]!.slice(0, 2)).toEqual([0, 1])
  })

  test('what the head has lost is offered to nobody, and keeps nobody busy', () => {
    const plan = planWith(1, 5)
    expect(offered(plan, 1, 0)).toEqual([[0, 1]])
    expect([plan.withhold(0), plan.withhold(0), plan.withhold(3)]).toEqual([true, false, true])
    plan.tick(0)
    expect(offered(plan, 1, 0)).toEqual([[2]])
    plan.removePeer(1)
    plan.addPeer(2)
    expect(offered(plan, 2, 0)[1]!.toSorted()).toEqual([1, 2])
    plan.have(2, 1, 10)
    expect(offered(plan, 2, 10)[1]).toEqual([4])
    plan.tick(60_000)
    expect(plan.offers(60_000)).toEqual([])
  })

  test('the pieces of a silent peer go to another after a while, once, and it gets no more', () => {
    const plan = planWith(2, 6)
    expect(offered(plan, 2, 0)).toEqual([
      [0, 2],
      [1, 3],
    ])
    plan.have(2, 1, 50)
    plan.have(2, 3, 60)
    expect(offered(plan, 2, 100)).toEqual([[], [4, 5]])
    plan.have(2, 4, 800)
    plan.have(2, 5, 900)
    plan.tick(900)
    expect(plan.offers(900)).toEqual([])
    plan.have(1, 0, 900)
    plan.tick(2500)
    expect(offered(plan, 2, 2500)[1]).toContain(2)
    expect(plan.underWayTo(1)).toContain(2)
    plan.have(2, 2, 2600)
    plan.tick(9000)
    expect(offered(plan, 2, 9000)[1]).not.toContain(2)
  })

  test('who is fed by others is left to them; who is not gets the rest from the head', () => {
    const plan = planWith(2, 10)
    plan.haveAlready(
      1,
      Array.from({ length: 10 }, (_, piece) => piece),
      0,
    )
    const [first, second] = offered(plan, 2, 0)
    expect(second).not.toEqual([]) // nothing has come to it yet
    expect(first).toEqual([])
  })
})

describe('two heads', () => {
  const even = { of: 2, index: 0 }
  const odd = { of: 2, index: 1 }

  test('each sends its own half first', () => {
    expect(offered(planWith(1, 10, even), 1, 0)).toEqual([[0, 2]])
    expect(offered(planWith(1, 10, odd), 1, 0)).toEqual([[1, 3]])
  })

  test('one is enough', () => {
    const plan = planWith(1, 40, odd)
    const got: number[] = []
    for (let nowMs = 0; nowMs < 20_000; nowMs += 100) {
      plan.tick(nowMs)
      for (const { piece } of plan.offers(nowMs)) {
        got.push(piece)
        plan.have(1, piece, nowMs)
      }
    }
    const ours = Array.from({ length: 20 }, (_, index) => 2 * index + 1)
    expect(got.slice(0, 20)).toEqual(ours)
    expect(got.slice(20)).toEqual(ours.map(piece => piece - 1).toReversed())
  })

  test('while the other sends, its last pieces are left to it', () => {
    const plan = planWith(2, 80, even)
    for (let piece = 0; piece < 80; piece += 2) plan.have(1, piece, 0)
    // as many as we would send at a time may be under way there
    expect(offered(plan, 2, 0).flat().toSorted()).toEqual([73, 75, 77, 79])
    for (let piece = 1; piece < 70; piece += 2) plan.have(2, piece, 900)
    plan.tick(900)
    expect(plan.offers(900).filter(({ piece }) => piece % 2 === 1 && piece > 70)).toEqual([])
  })
})
