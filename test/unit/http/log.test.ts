import { expect, test } from 'vitest'
import { createHttpLog } from '../../../src/http/log.ts'

test('twenty refusals in ten seconds are logged, the others counted', () => {
  const lines: string[] = []
  let now = 0
  const say = (_fields: object, message: string) => void lines.push(message)
  const log = createHttpLog({ warn: say, error: say }, () => now)
  for (let count = 0; count < 25; count++) log.refused({}, 'refused')
  expect(lines).toEqual(Array(20).fill('refused'))
  now = 9_999
  log.refused({}, 'refused')
  expect(lines).toHaveLength(20)
  now = 10_000
  log.refused({}, 'another')
  expect(lines.slice(20)).toEqual(['6 more requests were refused', 'another'])
})
