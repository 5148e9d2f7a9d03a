import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPackFiles } from '../../../src/effects/pack-files.ts'

const files = createPackFiles()
let directory: string
const at = (name: string) => join(directory, name)

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'luna-pack-files-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test.each([
  ['abc', 'abc\0defgh'],
  ['abcd', 'abcddefgh'],
  ['abcde', 'abcde\0\0\0defgh'],
  ['', 'defgh'],
])('what is joined to %j begins at a multiple of 4 and nothing follows it', async (first, joined) => {
  writeFileSync(at('first'), first)
  writeFileSync(at('second'), 'defgh')
  await files.join([at('first'), at('second')], at('joined'))
  expect(readFileSync(at('joined'), 'utf8')).toBe(joined)
})

test('what is published can be read by everyone', async () => {
  writeFileSync(at('kernel'), 'kernel', { mode: 0o600 })
  await files.publish([{ from: at('kernel'), to: at('published') }])
  expect(statSync(at('published')).mode & 0o777).toBe(0o644)
  expect(await files.exist([at('published')])).toBe(true)
  expect(await files.exist([at('published'), at('kernel')])).toBe(false)
})

test('a link is made, left alone and turned', async () => {
  await files.link(at('link'), 'one')
  const { ino } = lstatSync(at('link'))
  await files.link(at('link'), 'one')
  expect(lstatSync(at('link')).ino).toBe(ino)
  await files.link(at('link'), 'two')
  expect(readlinkSync(at('link'))).toBe('two')
  expect(await files.listLinks(directory)).toEqual(new Map([['link', 'two']]))
})
