import { describe, expect, test } from 'vitest'
import { type SwarmInput, type SwarmResult, simulateSwarm } from '../../../bench/swarm/simulator.ts'

const copySeconds = 10

const simulate = (input: Partial<SwarmInput> & { nodes: number }): SwarmResult =>
  simulateSwarm({ pieces: 1000, copySeconds, window: 64, ...input })

/** Seconds until the last of those nodes is done; infinite when one is not. */
const lastOf = ({ completedAt }: SwarmResult, wanted: (node: number) => boolean): number =>
  Math.max(...completedAt.flatMap((time, index) => (wanted(index + 1) ? [time ?? Number.POSITIVE_INFINITY] : [])))

describe('every piece leaves the head once, and the last node is done soon after', () => {
  test.each([
    [1, 1.01],
    [2, 1.05],
    [8, 1.05],
    [24, 1.15],
    [72, 1.17],
  ])('%i nodes at once', (nodes, most) => {
    const { copies, ratio } = simulate({ nodes })
    expect(copies).toBeGreaterThanOrEqual(1)
    expect(copies).toBeLessThan(1.02)
    expect(ratio).toBeLessThan(most)
  })

  test('500 nodes', () => {
    // half as many pieces, so that what there is of them everywhere takes twice as long
    const { copies, ratio } = simulate({ nodes: 500, pieces: 500 })
    expect(copies).toBeLessThan(1.02)
    expect(ratio).toBeLessThan(1.35)
  })

  test('at switches that are known', () => {
    const { copies, ratio } = simulate({ nodes: 130, switchOf: node => Math.floor(node / 20) })
    expect(copies).toBeLessThan(1.02)
    expect(ratio).toBeLessThan(1.2)
  })

  test('the same every time, and another time of another seed', () => {
    const [first, again, other] = [1, 1, 2].map(seed => simulate({ nodes: 12, seed }).completedAt)
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  test('sooner than with neighbours at random', () => {
    const [ring, random] = (['ring', 50] as const).map(neighbours => simulate({ nodes: 150, neighbours }))
    expect(random!.ratio).toBeGreaterThan(ring!.ratio + 0.05)
  })
})

describe.each([1, 2, 3])('nodes that are not alike, seed %i', seed => {
  test('who comes late has it as soon as the first, from the others', () => {
    const result = simulate({ nodes: 24, seed, startAt: node => (node > 20 ? 8 : 0) })
    expect(lastOf(result, node => node > 20) - 8).toBeLessThan(1.15 * copySeconds)
    expect(lastOf(result, node => node <= 20)).toBeLessThan(1.2 * copySeconds)
    expect(result.copies).toBeLessThan(1.08)
  })

  test('a node that is reset midway begins anew and holds up nobody', () => {
    const result = simulate({
      ...{ nodes: 25, seed, startAt: node => (node === 25 ? 7 : 0) },
      endAt: node => (node === 3 ? 5 : undefined),
    })
    expect(lastOf(result, node => node === 25) - 7).toBeLessThan(1.15 * copySeconds)
    expect(lastOf(result, node => node !== 3 && node !== 25)).toBeLessThan(1.2 * copySeconds)
    expect(result.copies).toBeLessThan(1.08)
  })

  test('nodes with slow links take what they must, the others no longer than before', () => {
    const isSlow = (node: number) => node % 3 === 1
    const result = simulate({
      ...{ nodes: 24, seed },
      rateOf: node => (isSlow(node) ? { up: 0.25, down: 0.25 } : { up: 1, down: 1 }),
    })
    expect(lastOf(result, node => !isSlow(node))).toBeLessThan(1.25 * copySeconds)
    expect(lastOf(result, isSlow)).toBeLessThan(4.1 * copySeconds)
    // what the slow ones get from the head later costs the others nothing
    expect(result.copies).toBeLessThan(1.5)
  })

  test('a third is switched off midway', () => {
    const isOff = (node: number) => node % 3 === 1
    const result = simulate({ nodes: 24, seed, endAt: node => (isOff(node) ? 5 : undefined) })
    expect(lastOf(result, node => !isOff(node))).toBeLessThan(1.25 * copySeconds)
    expect(result.copies).toBeLessThan(1.08)
  })

  /** Nobody stays without, whatever happens. */
  test('late, slow and vanishing nodes', () => {
    const random = (node: number, salt: number) => ((node * 7919 + seed * 104_729 + salt * 31) % 97) / 97
    const vanishes = (node: number) => random(node, 3) < 0.3
    const result = simulate({
      ...{ nodes: 12, pieces: 200, seed, startAt: node => random(node, 1) * 30 },
      rateOf: node => (node === 0 ? { up: 1, down: 1 } : { up: 0.1 + random(node, 2), down: 0.2 + random(node, 4) }),
      endAt: node => (vanishes(node) ? 30 + random(node, 5) * 20 : undefined),
    })
    expect(lastOf(result, node => !vanishes(node))).toBeLessThan(Number.POSITIVE_INFINITY)
  })
})

test('a node that comes when all others have gone gets everything', () => {
  const result = simulate({
    ...{ nodes: 3, pieces: 100 },
    startAt: node => (node === 3 ? 40 : 0),
    endAt: node => (node === 3 ? undefined : 30),
  })
  expect(lastOf(result, node => node === 3)).toBeLessThan(40 + 1.2 * copySeconds)
})

describe('two heads', () => {
  const rateOf = (node: number) => (node === 0 ? { up: 0.5, down: 1 } : { up: 1, down: 1 })

  test('of half the rate are as good as one: each sends its half of the first copy', () => {
    const [one, two] = [1, 2].map(heads => simulate({ nodes: 24, heads, rateOf }))
    expect(one!.ratio).toBeGreaterThan(1.99)
    expect(two!.ratio).toBeLessThan(1.2)
    expect(two!.copies).toBeLessThan(1.03)
  })

  test('of full rate send no more than one does', () => {
    const { copies, ratio } = simulate({ nodes: 24, heads: 2 })
    expect(copies).toBeLessThan(1.03)
    expect(ratio).toBeLessThan(1.1)
  })
})
