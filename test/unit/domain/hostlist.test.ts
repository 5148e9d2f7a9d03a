import { describe, expect, test } from 'vitest'
import { foldHostlist, parseHostlist } from '../../../src/domain/hostlist.ts'
import { randomNumbers } from '../torrent/random-numbers.ts'

describe('foldHostlist', () => {
  test.each([
    [[], ''],
    [['login'], 'login'],
    [['node001'], 'node001'],
    [['node003', 'node001', 'node002'], 'node[001-003]'],
    [['node001', 'node003', 'node004'], 'node[001,003-004]'],
    [['node9', 'node10', 'node11'], 'node[10-11],node9'],
    [['node01', 'node1'], 'node01,node1'],
    [['b', 'a', 'a'], 'a,b'],
    [['rack1node1', 'rack1node2'], 'rack1node[1-2]'],
  ])('%j is %s', (names, folded) => {
    expect(foldHostlist(names)).toBe(folded)
  })

  test('what it folds, parseHostlist unfolds', () => {
    const numbers = randomNumbers(2)
    const random = (below: number) => Math.floor(numbers() * below)
    for (let round = 0; round < 300; round++) {
      const names = Array.from({ length: random(40) + 1 }, () => randomName(random))
      expect(parseHostlist(foldHostlist(names)).sort()).toEqual([...new Set(names)].sort())
    }
  })
})

/** Few prefixes and widths, so that runs, gaps and neighbours of another width are common. */
function randomName(random: (below: number) => number): string {
  const prefix = ['node', 'r1n', 'login', 'a-', 'x99999999999999999'][random(5)]!
  return random(8) === 0 ? `${prefix}x` : prefix + String(random(30)).padStart(random(4), '0')
}
