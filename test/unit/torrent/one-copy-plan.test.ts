import { describe, expect, test } from 'vitest'
import { simulateSwarm } from '../../../bench/swarm/simulator.ts'
import { OneCopyPlan } from '../../../src/torrent/one-copy-plan.ts'

function planWith(peers: number, pieceCount = 100): OneCopyPlan {
  const plan = new OneCopyPlan({ pieceCount })
  for (let id = 1; id <= peers; id++) plan.addPeer(id)
  return plan
}

/** All that the peer is offered now. */
function offersTo(plan: OneCopyPlan, id: number, nowMs: number): number[] {
  const pieces: number[] = []
  for (let piece = plan.next(id, nowMs); piece !== undefined; piece = plan.next(id, nowMs)) pieces.push(piece)
  return pieces
}

describe('who is offered what', () => {
  test('each piece goes to one peer, in the order of the file', () => {
    const plan = planWith(3)
    expect([1, 2, 3].map(id => offersTo(plan, id, 0))).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ])
    plan.have(2, 2, 100)
    expect(offersTo(plan, 2, 100)[0]).toBe(6)
  })

  test('what a peer had when it was lost goes to another', () => {
    const plan = planWith(2)
    offersTo(plan, 1, 0)
    plan.have(1, 0, 10)
    plan.removePeer(1)
    expect(offersTo(plan, 2, 20).toSorted()).toEqual([0, 1])
  })

  test('what somebody brought along is not sent', () => {
    const plan = planWith(2)
    plan.haveAlready(1, [0, 1, 2])
    expect(offersTo(plan, 2, 0)).toEqual([3, 4])
  })

  test('an offer of what the peer turns out to have is none', () => {
    const plan = planWith(2, 6)
    expect(offersTo(plan, 1, 0)).toEqual([0, 1])
    plan.haveAlready(1, [0, 1])
    expect(offersTo(plan, 1, 0)).toEqual([2, 3])
    plan.removePeer(1)
    expect(offersTo(plan, 2, 0).toSorted()).toEqual([0, 1])
    plan.have(2, 0, 10)
    plan.have(2, 1, 10)
    expect(offersTo(plan, 2, 10).toSorted().slice(0, 2)).toEqual([2, 3])
  })

  test('what the head has lost is offered to nobody, and keeps nobody busy', () => {
    const plan = planWith(2, 5)
    expect(offersTo(plan, 1, 0)).toEqual([0, 1])
    expect([plan.withhold(0), plan.withhold(0), plan.withhold(3)]).toEqual([true, false, true])
    expect(offersTo(plan, 1, 0)).toEqual([2])
    plan.removePeer(1)
    expect(offersTo(plan, 2, 0)).toEqual([1, 2])
    plan.have(2, 1, 10)
    expect(offersTo(plan, 2, 10)).toEqual([4])
    plan.tick(60_000)
    expect(offersTo(plan, 2, 60_000)).toEqual([])
  })

  test('the pieces of a silent peer go to another after a while, once', () => {
    const plan = planWith(2, 4)
    expect(offersTo(plan, 1, 0)).toEqual([0, 1])
    expect(offersTo(plan, 2, 0)).toEqual([2, 3])
    plan.have(2, 2, 50)
    plan.have(2, 3, 60)
    plan.tick(500)
    plan.have(1, 0, 900)
    plan.tick(1500)
    expect(offersTo(plan, 2, 1500)).toContain(1)
  })

  test('who is fed by others is left to them; who is not gets the rest from the head', () => {
    const plan = planWith(2, 10)
    plan.haveAlready(
      1,
      Array.from({ length: 10 }, (_, piece) => piece),
    )
    expect(offersTo(plan, 2, 0)).not.toEqual([]) // nothing has come to it yet
    expect(offersTo(plan, 1, 0)).toEqual([])
  })
})

describe('in a simulated swarm', () => {
  const copySeconds = 10

  test.each([1, 2, 3, 8, 24, 60])('%i nodes: every piece leaves the head once', nodes => {
    const { copies, ratio } = simulateSwarm({ nodes, pieces: 1024, copySeconds })
    expect(copies).toBeLessThan(1.08)
    expect(ratio).toBeLessThan(1.15)
  })

  /** Nobody stays without, whatever happens. */
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('late, slow and vanishing nodes, seed %i', seed => {
    const nodes = 12
    const random = (node: number, salt: number) => ((node * 7919 + seed * 104_729 + salt * 31) % 97) / 97
    const vanishes = (node: number) => random(node, 3) < 0.3
    const { completedAt } = simulateSwarm({
      nodes,
      pieces: 200,
      copySeconds,
      seed,
      startAt: node => random(node, 1) * 30,
      rateOf: node => (node === 0 ? { up: 1, down: 1 } : { up: 0.1 + random(node, 2), down: 0.2 + random(node, 4) }),
      endAt: node => (vanishes(node) ? 30 + random(node, 5) * 20 : undefined),
    })
    for (let node = 1; node <= nodes; node++) if (!vanishes(node)) expect(completedAt[node - 1]).toBeDefined()
  })

  test('a node that comes when all others have gone gets everything', () => {
    const { completedAt } = simulateSwarm({
      nodes: 3,
      pieces: 100,
      copySeconds,
      startAt: node => (node === 3 ? 40 : 0),
      endAt: node => (node === 3 ? undefined : 30),
    })
    expect(completedAt[2]).toBeLessThan(40 + copySeconds * 1.2)
  })
})
