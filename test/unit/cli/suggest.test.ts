import { expect, test } from 'vitest'
import { countSlips, suggest } from '../../../src/cli/suggest.ts'

const actions = ['list', 'show', 'add', 'change', 'rename', 'delete']

test.each([
  ['lst', 'list'],
  ['lists', 'list'],
  ['SHOW', 'show'],
  ['hsow', 'show'],
  ['chnage', 'change'],
  ['ad', 'add'],
  ['rm', 'delete'],
  ['create', 'add'],
])('%s: did you mean "%s"?', (typed, meant) => {
  expect(suggest(typed, actions)).toBe(`; did you mean "${meant}"?`)
})

test.each(['frobnicate', 'x', '', 'constructor', 'pack', 'l'.repeat(100_000)])('nothing is near "%.20s"', typed => {
  expect(suggest(typed, actions)).toBe('')
})

test('a synonym is said only where its word is known', () => {
  expect(suggest('create', ['list', 'show'])).toBe('')
})

test.each([
  ['', 'abc', 3],
  ['abc', 'abc', 0],
  ['abc', 'acb', 1],
  ['kitten', 'sitting', 3],
])('from "%s" to "%s" it takes %d slips', (a, b, slips) => {
  expect(countSlips(a, b)).toBe(slips)
  expect(countSlips(b, a)).toBe(slips)
})
