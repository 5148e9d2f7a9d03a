import { describe, expect, test } from 'vitest'
import { Neighbourhood } from '../../../src/torrent/neighbourhood.ts'
import { randomNumbers } from './random-numbers.ts'

function neighbourhoodOf(count: number, placeOf: (member: number) => number | undefined): Neighbourhood<number> {
  const all = new Neighbourhood<number>()
  for (let member = 0; member < count; member++) all.add(member, placeOf(member))
  return all
}

/** Connections that each has when all have asked once as they came, and again. */
function degrees(count: number, placeOf: (member: number) => number | undefined): number[] {
  const all = new Neighbourhood<number>()
  const connected = Array.from({ length: count }, () => new Set<number>())
  const ask = (member: number, closed: boolean) => {
    for (const other of all.neighbours(member, closed)) {
      connected[member]!.add(other)
      connected[other]!.add(member)
    }
  }
  for (let member = 0; member < count; member++) {
    all.add(member, placeOf(member))
    ask(member, false)
  }
  for (let member = 0; member < count; member++) ask(member, true)
  return connected.map(({ size }) => size)
}

/** Steps from the first to whoever is farthest from it. */
function depth(all: Neighbourhood<number>): number {
  const seen = new Set([0])
  for (let steps = 0, edge = [0]; ; steps++) {
    edge = edge.flatMap(member => all.neighbours(member, true)).filter(member => !seen.has(member) && seen.add(member))
    if (edge.length === 0) return steps
  }
}

describe('neighbours', () => {
  test('are 1, 2, 4 ... places away; the last is beside the first when the ring is closed', () => {
    const all = neighbourhoodOf(12, () => undefined)
    expect(all.neighbours(5, false)).toEqual([4, 6, 3, 7, 1, 9])
    expect(all.neighbours(11, false)).toEqual([10, 9, 7, 3])
    expect(all.neighbours(11, true)).toEqual([10, 0, 9, 1, 7, 3])
    expect(all.neighbours(99, true)).toEqual([])
  })

  test.each([
    ['nothing known', () => undefined],
    ['racks of 20, one after the other', (member: number) => Math.floor(member / 20)],
    ['racks of 40, mixed', (member: number) => member % 8],
    ['one rack has a single node', (member: number) => (member === 299 ? 1 : 0)],
  ])('%s: nobody has many more than anybody, and nobody is far', (_, placeOf) => {
    const counts = degrees(300, placeOf)
    expect(Math.min(...counts)).toBeGreaterThan(10)
    expect(Math.max(...counts)).toBeLessThan(2.5 * Math.min(...counts))
    expect(depth(neighbourhoodOf(300, placeOf))).toBeLessThan(7)
  })

  test('most are of the same place, not all', () => {
    const all = neighbourhoodOf(320, member => member % 8)
    const near = all.neighbours(100, true).filter(other => other % 8 === 100 % 8)
    const part = near.length / all.neighbours(100, true).length
    expect(part).toBeGreaterThan(0.5)
    expect(part).toBeLessThan(0.75)
  })

  test('come and go in any order, and are always among those that are there', () => {
    const random = randomNumbers(11)
    const all = new Neighbourhood<number>()
    const present = new Set<number>()
    for (let round = 0; round < 400; round++) {
      const member = Math.floor(random() * 60)
      if (present.delete(member)) all.remove(member)
      else {
        present.add(member)
        all.add(member, [undefined, 1, 2][member % 3])
      }
      expect([...all.members].toSorted()).toEqual([...present].toSorted())
      for (const one of present) {
        const named = all.neighbours(one, true)
        expect(new Set(named).size).toBe(named.length)
        expect(named.every(other => present.has(other) && other !== one)).toBe(true)
        if (present.size > 1) expect(named).not.toEqual([])
      }
    }
  })
})
