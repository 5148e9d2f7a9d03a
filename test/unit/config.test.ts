import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
      warnings: [],
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

  test('a password that everyone can read is warned of', () => {
    const text = '[database]\nurl = postgresql://luna:secret@10.0.0.1/luna\n'
    writeFileSync(path, text)
    chmodSync(path, 0o644)
    const { warnings } = readConfig({ LUNA_CONF: path })
    expect(warnings).toEqual([expect.stringContaining(`run: chgrp luna ${path} && chmod 640 ${path}`)])
    expect(warnings[0]).not.toContain('secret')
    chmodSync(path, 0o640)
    expect(readConfig({ LUNA_CONF: path }).warnings).toEqual([])
    chmodSync(path, 0o644)
    expect(read(text.replace(':secret', '')).warnings).toEqual([])
  })

  test.each([
    ['postgresql://luna:secret@10.0.0.1', 'must be postgresql://USER:PASSWORD@HOST'],
    ['postgresql://luna:se@cret@10.0.0.1/luna', 'write %40 for @'],
    ['postgresql://luna:secret@/luna', '"" in a database\'s url is not HOST or HOST:PORT'],
    ['postgresql://luna:secret@h:99999/luna', '"h:99999" in a database\'s url is not HOST or HOST:PORT'],
    ['postgresql://luna:secret@h/luna?x=1', 'cannot have the option "x"; there are host, sslmode, sslrootcert'],
    [
      'postgresql://luna:secret@h/luna?sslmode=on',
      "sslmode in a database's url must be one of disable, prefer, require, verify-full",
    ],
    ['postgresql://luna:secret%zz@h/luna', "a % in a database's url must be followed by two hexadecimal digits"],
    ['mongodb://luna:secret@h/luna', 'must start with sqlite:/ or postgresql://, not "mongodb://...@h/luna"'],
  ])('%s: says what is wrong with it, and not the password', (url, message) => {
    const attempt = () => read(`[database]\nurl = ${url}\n`)
    expect(attempt).toThrow(message)
    expect(attempt).not.toThrow(/se@?cret/)
  })

  test.each([
    ['u:p%40%2F@h/d', { user: 'u', password: 'p@/', hosts: [{ host: 'h', port: 5432 }], sslmode: 'prefer' }],
    [
      'u@h1:1,[fd00::1]:2,h3/d',
      {
        password: undefined,
        hosts: [
          { host: 'h1', port: 1 },
          { host: 'fd00::1', port: 2 },
          { host: 'h3', port: 5432 },
        ],
      },
    ],
    [
      '/d?host=/run/postgresql',
      { user: undefined, hosts: [{ host: '/run/postgresql', port: 5432 }], sslmode: 'disable' },
    ],
    ['u@localhost/d?sslmode=verify-full&sslrootcert=/ca', { sslmode: 'verify-full', sslrootcert: '/ca' }],
  ])('postgresql://%s', (url, parts) => {
    expect(read(`[database]\nurl = postgresql://${url}\n`).database).toMatchObject({ database: 'd', ...parts })
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
