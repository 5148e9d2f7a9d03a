import { expect, test } from 'vitest'
import { columns } from '../../../src/cli/columns.ts'

test('columns are as wide as their widest cell, and lines end where their text does', () => {
  expect(
    columns([
      ['Name', 'Group'],
      ['node001', 'compute'],
      ['n2', ''],
    ]),
  ).toEqual(['Name     Group', 'node001  compute', 'n2'])
})

test('a cell of several lines makes its row as high', () => {
  expect(
    columns([
      ['node001', '10.30.0.1\n10.31.0.1', 'up'],
      ['node002', '-', '-'],
    ]),
  ).toEqual(['node001  10.30.0.1  up', '         10.31.0.1', 'node002  -          -'])
})

test('figures stand to the right', () => {
  expect(
    columns(
      [
        ['a', '9'],
        ['b', '10'],
      ],
      new Set([1]),
    ),
  ).toEqual(['a   9', 'b  10'])
})

test.each([
  ['é', 1], // as one character, and as a letter with an accent after it
  ['e\u0301', 1],
  ['節点', 4],
  ['서버', 4],
  ['🚀', 2],
  ['ａ', 2],
])('%s takes %i columns', (text, width) => {
  const [line] = columns([
    [text, '|'],
    ['-'.repeat(10), ''],
  ])
  expect(line).toBe(`${text}${' '.repeat(10 - width)}  |`)
})
