import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { errorTable, exitStatusOf, httpStatusOf, LunaError } from '../../src/errors.ts'

test('docs/errors.md says what errorTable does', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'errors.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (\w+) \| (\d+) \| (\d+) \| (.+) \|$/gm)]
  const documented = rows.map(([, kind, exit, http]) => [kind, { exit: Number(exit), http: Number(http) }])
  expect(Object.fromEntries(documented)).toEqual(errorTable)
})

describe('whatever was thrown', () => {
  test('a LunaError has the statuses of its kind', () => {
    const error = new LunaError('inUse', 'x', { cause: new Error('why'), detail: 'more' })
    expect([exitStatusOf(error), httpStatusOf(error), error.detail]).toEqual([5, 409, 'more'])
    expect(error.cause).toEqual(new Error('why'))
  })

  test.each([[new Error('bug')], [undefined], ['text']])('%s is a bug', thrown => {
    expect([exitStatusOf(thrown), httpStatusOf(thrown)]).toEqual([1, 500])
  })
})
