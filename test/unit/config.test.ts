import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findEditor, readConfig } from '../../src/config.ts'

let directory: string
let path: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'luna-config-'))
  path = join(directory, 'luna.conf')
})
afterAll(() => rmSync(directory, { recursive: true }))

const read = (text: string) => {
  writeFileSync(path, text)
  return readConfig({ LUNA_CONF: path })
}

describe('luna.conf', () => {
  test('has a default for everything', () => {
    expect(read('')).toEqual({
      path,
      database: { kind: 'sqlite', path: '/var/lib/luna/luna.db' },
      frontend: 'lweb',
      runDirectory: '/run/luna',
    })
  })

  test('sections, comments, blanks and carriage returns', () => {
    const text =
      '# site\r\n[database]\r\n  url=sqlite:/srv/luna.db\r\n; x\n\n[lweb]\nfrontend  =  nginx\n[daemons]\nrun_directory=/run/x\n'
    expect(read(text)).toMatchObject({
      database: { kind: 'sqlite', path: '/srv/luna.db' },
      frontend: 'nginx',
      runDirectory: '/run/x',
    })
  })

  test('takes the address of a PostgreSQL', () => {
    const url = 'postgresql://luna:secret@10.0.0.1,10.0.0.2/luna'
    expect(read(`[database]\nurl = ${url}\n`).database).toMatchObject({ kind: 'postgresql', password: 'secret' })
  })

  test('one of Luna 1 gets one line that says what to write', () => {
    const old = '[MongoDB]\nreplicaset=luna\nserver=localhost\nauthdb=luna\nuser=luna\npassword=<password>\n'
    expect(() => read(old)).toThrow(
      `${path}: section [MongoDB] is of Luna 1; write instead: [database] and below it url = sqlite:/var/lib/luna/luna.db`,
    )
  })

  test.each([
    ['[database]\nurll = sqlite:/x\n', 'unknown setting "urll" in [database]; there is url'],
    ['[mongodb]\n', 'unknown section [mongodb]'],
    ['[constructor]\nname = x\n', 'unknown section [constructor]'],
    ['url = sqlite:/x\n', 'line 1 is neither a [section] nor key = value'],
    ['[database]\nnonsense\n', 'line 2 is neither'],
    ['[database\nurl = x\n', 'line 1 is neither'],
    ['[database]\nurl = luna.db\n', 'url must start with sqlite:/ or postgresql://'],
    ['[database]\nurl = sqlite:luna.db\n', 'url must start with'],
    ['[database]\nurl = sqlite:/\n', 'url must start with'],
    ['[database]\nurl =\n', 'url must start with'],
    ['[lweb]\nfrontend = apache\n', 'frontend must be lweb or nginx'],
    ['[daemons]\nrun_directory = run\n', 'run_directory must be an absolute path'],
  ])('refuses %j', (text, message) => {
    expect(() => read(text)).toThrow(message)
  })
})

test('a file named by LUNA_CONF must be there', () => {
  expect(() => readConfig({ LUNA_CONF: join(directory, 'slip.conf') })).toThrow('cannot read')
})

test('a directory is no luna.conf', () => {
  expect(() => readConfig({ LUNA_CONF: directory })).toThrow(`cannot read ${directory}`)
})

test('EDITOR, or vi', () => {
  expect([findEditor({}), findEditor({ EDITOR: '' }), findEditor({ EDITOR: 'emacs -nw' })]).toEqual([
    'vi',
    'vi',
    'emacs -nw',
  ])
})
