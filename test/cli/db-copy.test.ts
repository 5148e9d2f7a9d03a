import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, readRows } from '../database.ts'
import { createSmallSite, type Site } from './site.ts'

let site: Site
let file: string
const databases = [] as ReturnType<typeof createTestDatabase>[]

/** A new database of the kind that the tests run on. */
function newDatabase(): string {
  const database = createTestDatabase(join(site.directory, `db${databases.length}`))
  databases.push(database)
  return database.url
}

beforeAll(() => {
  site = createSmallSite()
  file = `sqlite:${site.directory}/copy/luna.db`
  site.ok('node', 'add', 'node[001-700]', '-g', 'compute')
  site.ok('node', 'change', 'node001', '--mac', '52:54:00:00:00:01')
})
afterAll(() => {
  for (const database of databases) database.drop()
  site.remove()
})

const list = () => site.ok('node', 'list', '--json')
const configure = (url: string) => site.write('luna.conf', `[database]\nurl = ${url}\n`)

test('to a file and from there to a new database: the cluster is the same, and goes on', () => {
  const before = list()
  const there = newDatabase()
  expect(site.ok('db', 'copy', site.url, file)).toMatch(
    /^\d{4} rows were copied, and are the same there; next: put the new url into luna.conf, restart lweb and ltorrent\n$/,
  )
  expect(statSync(join(site.directory, 'copy', 'luna.db')).mode & 0o777).toBe(0o600)
  site.write('new.conf', `[database]\nurl = ${there}\n`)
  site.ok('db', 'copy', file, join(site.directory, 'new.conf'))
  const { migration: _, ...rows } = readRows(site.url)
  expect(readRows(there)).toMatchObject(rows)
  configure(there)
  expect(list()).toBe(before)
  expect(site.ok('node', 'add', '-g', 'compute')).toBe('node701\n')
  configure(site.url)
})

test('--dry-run says what would be, and makes nothing', () => {
  const target = join(site.directory, 'dry', 'luna.db')
  expect(site.ok('db', 'copy', site.url, `sqlite:${target}`, '--dry-run')).toContain(
    `would make the database ${target}\n`,
  )
  expect(existsSync(target)).toBe(false)
})

test.each([
  [['db', 'copy', 'FROM'], 2, 'TO is missing: the database to copy to, as the second word'],
  [['db', 'copy', 'FROM', 'FROM'], 2, 'FROM and TO are the same'],
  [['db', 'copy', 'CONF', 'FROM'], 4, 'the database to copy to holds a cluster already; nothing was copied'],
  [['db', 'copy', 'sqlite:/nosuch/luna.db', 'FROM'], 6, 'there is no cluster yet (no /nosuch/luna.db)'],
  [
    ['db', 'copy', 'FROM', 'mysql://luna:secret@head/luna'],
    2,
    'must start with sqlite:/ or postgresql://, not "mysql://...@head/luna"',
  ],
  [
    ['db', 'copy', 'FROM', 'postgresql://luna:secret@head:x/luna'],
    2,
    '"head:x" in a database\'s url is not HOST or HOST:PORT',
  ],
  [
    ['db', 'copy', 'FROM', 'postgresql://luna:secret@127.0.0.1:1/luna'],
    1,
    'cannot reach the database "luna" on 127.0.0.1:1: nothing listens there',
  ],
  [['db', 'copy', 'FROM', 'sqlite:/proc/luna/luna.db'], 1, 'cannot make the directory /proc/luna'],
  [['db', 'copy', '/nosuch.conf', 'FROM'], 1, 'cannot read /nosuch.conf'],
])('%j: one line, and nothing changes', (words, status, message) => {
  const names: Record<string, string> = { FROM: site.url, CONF: join(site.directory, 'luna.conf') }
  const before = readRows(site.url)
  const result = site.luna(...words.map(word => names[word] ?? word))
  expect([result.status, result.stdout]).toEqual([status, ''])
  expect(result.stderr).toContain(message)
  expect(result.stderr).not.toContain('secret')
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(readRows(site.url)).toEqual(before)
})
