import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mayChange } from '../../src/cli/command.ts'
import { objects } from '../../src/cli/main.ts'
import { optionsOf } from '../../src/cli/options.ts'
import { findOption, namesOf, spellingsOf } from '../../src/cli/words.ts'
import { onPostgresql } from '../database.ts'
import { createBadInputSession } from './bad-input/cluster.ts'
import { type BadLine, readTables, writeExpected } from './bad-input/table.ts'
import type { Session } from './session.ts'

/** What is refused in the store or by what is there; on PostgreSQL the others would be refused before they come to it. */
const reachStore = new Set(['missing.txt', 'taken.txt'])

/** Every line of bad-input/*.txt gets one line on standard error and its exit status, and changes nothing. */
const lines = readTables().filter(({ file }) => !onPostgresql || reachStore.has(file))
const loaded = await Promise.all(Object.values(objects).map(({ load }) => load()))

let session: Session
let rows: unknown
let files: unknown
beforeAll(async () => {
  session = await createBadInputSession()
  rows = session.site.rows()
  files = filesBesideTheDatabase()
})
afterAll(() => session.site.remove())

/** What is refused under a lock leaves the file of the lock, below luna/.NAME, which the next one takes. */
const filesBesideTheDatabase = () => session.files().filter(line => !/^(db\/|luna\/\.)/.test(line))

const wordsOf = ({ words }: BadLine) => words.map(word => word.replaceAll('SITE', session.site.directory))
const actionOf = ([object, name]: readonly string[]) =>
  loaded.find(one => one.name === object)?.actions.find(action => action.name === name)

describe.skipIf(process.env['UPDATE_GOLDEN'])('refused in one line', () => {
  test.each(lines)('$text', async line => {
    const { status, message } = line.expected!
    const said = await session.luna(wordsOf(line))
    expect(said.stderr).toMatch(/^luna: [^\n]+\n$/)
    expect(said.stderr.replaceAll(session.site.directory, 'SITE')).toContain(message)
    expect([said.status, said.stdout]).toEqual([status, ''])
    const action = actionOf(line.words)
    if (action && mayChange(action)) {
      const dry = await session.luna([...wordsOf(line).slice(0, 2), '--dry-run', ...wordsOf(line).slice(2)])
      expect(dry).toEqual(said)
    }
    expect(session.site.rows()).toEqual(rows)
  })
})

test.runIf(process.env['UPDATE_GOLDEN'])('lines get what comes of them', async () => {
  const found = new Map<string, { status: number; message: string }>()
  for (const line of lines.filter(({ expected }) => !expected)) {
    const { status, stderr, stdout } = await session.luna(wordsOf(line))
    const message = stderr
      .replace(/^luna: /, '')
      .replaceAll(session.site.directory, 'SITE')
      .trimEnd()
    found.set(line.text, { status: status!, message: message.split('\n')[0]! || `NOT REFUSED ${stdout}` })
  }
  writeExpected(found)
})

/** The rest is the same code in this process; in a word for execve(2) there can be no NUL. */
const sample = lines.filter(({ text }, index) => index % 40 === 7 && !text.includes('u0000'))
test.each(sample)('the real program: $text', line => {
  const words = wordsOf(line)
  const { status, stdout, stderr } = session.site.luna(...words)
  expect([status, stdout]).toEqual([line.expected!.status, ''])
  expect(stderr).toMatch(/^luna: [^\n]+\n$/)
})

test('no file came, went or changed', () => {
  expect(filesBesideTheDatabase()).toEqual(files)
})

describe.skipIf(onPostgresql)('the tables leave nothing out', () => {
  const actions = loaded.flatMap(({ name, actions }) =>
    actions.map(action => ({ title: `${name} ${action.name}`, action })),
  )
  const takesWords = actions.filter(({ action }) => action.subject || action.options?.some(({ value }) => value))

  test.each(takesWords)('$title: every option that takes a value', ({ title, action }) => {
    const spellings = spellingsOf(optionsOf(action))
    const tried = new Set(
      lines
        .filter(({ words }) => words.slice(0, 2).join(' ') === title)
        .flatMap(({ words }) => words.slice(2).map(word => find(word, spellings))),
    )
    const wanted = optionsOf(action).filter(one => one.value !== undefined && namesOf(one).long !== '--name')
    expect(wanted.map(one => namesOf(one).long).filter(long => !tried.has(long))).toEqual([])
  })

  test.each(actions)('$title', ({ title }) => {
    const some = lines.some(({ words }) => words.slice(0, 2).join(' ') === title)
    expect(some || /^(.* list|completion .*)$/.test(title)).toBe(true)
  })
})

function find(word: string, spellings: ReturnType<typeof spellingsOf>): string | undefined {
  try {
    const found = findOption(word, spellings)
    return found && namesOf(found.option).long
  } catch {
    return undefined // it may be two
  }
}
