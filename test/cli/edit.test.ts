import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSmallSite, type Site } from './site.ts'

let site: Site
const before = 'mount -t tmpfs tmpfs /sysroot\n'

beforeAll(() => {
  site = createSmallSite()
  site.ok('otherdev', 'add', 'nas', '-N', 'cluster')
})
beforeEach(() => {
  site.run(['luna', 'group', 'change', 'compute', '--part'], { input: before })
})
afterAll(() => site.remove())

const partscript = () => site.ok('group', 'show', 'compute', '--part')

describe('from standard input', () => {
  const change = (input: string, ...words: string[]) =>
    site.run(['luna', 'group', 'change', 'compute', ...words], { input })

  test('takes the text as it is', () => {
    const text = 'echo "$HOME" \\\n\t\'{{ x }}\' ü\r\n\n'
    expect(change(text, '--partscript', '-e').status).toBe(0)
    expect(partscript()).toBe(text)
  })

  test('nothing erases it', () => {
    expect(change('', '--part', '-e').status).toBe(0)
    expect(partscript()).toBe('')
  })

  test('holds one text', () => {
    const { status, stderr } = change('x', '--part', '--post')
    expect([status, stderr]).toEqual([2, expect.stringContaining('standard input holds one text')])
    expect(partscript()).toBe(before)
  })

  test('a NUL character is refused', () => {
    expect(change('a\0b', '--part').stderr).toContain('NUL')
    expect(partscript()).toBe(before)
  })

  test('a text of a megabyte', () => {
    const text = '# x\n'.repeat(262_144)
    change(text, '--part')
    expect(partscript()).toBe(text)
  })
})

describe('in $EDITOR on a terminal', () => {
  /** script(1) gives the command a terminal. */
  const edit = (editor: string) => {
    site.program('editor', editor)
    const command = 'luna group change compute --part -e'
    return site.run(['env', 'EDITOR=editor --flag', 'script', '-qec', command, join(site.directory, 'typescript')], {
      input: '',
    })
  }

  test('a changed text is stored; the editor sees the present one, named after what it is', () => {
    const { status } = edit('echo "$1 ${2##*/}" >seen; cat "$2" >>seen; echo changed >"$2"')
    expect(status).toBe(0)
    expect(partscript()).toBe('changed\n')
    expect(readFileSync(join(site.directory, 'seen'), 'utf8')).toBe(`--flag compute.partscript\n${before}`)
  })

  test.each([
    ['that does not change it', 'true', 0, ''],
    ['that fails', 'echo changed >"$2"; exit 3', 1, 'the editor ended with status 3; nothing was changed'],
    ['that is killed', 'echo changed >"$2"; kill -9 $$', 1, 'the editor was ended by SIGKILL; nothing was changed'],
    ['that deletes the file', 'rm "$2"', 1, 'the editor left no file; nothing was changed'],
  ])('one %s leaves it', (_, editor, status, message) => {
    const result = edit(editor)
    expect([result.status, result.stdout]).toEqual([status, expect.stringContaining(message)])
    expect(result.stdout).not.toContain('bug')
    expect(partscript()).toBe(before)
  })

  test('one that is not there', () => {
    const result = site.run(
      ['env', 'EDITOR=nosuch', 'script', '-qec', 'luna group change compute --part', '/dev/null'],
      { input: '' },
    )
    expect([result.status, result.stdout]).toEqual([
      1,
      expect.stringContaining('cannot start the editor "nosuch"; set EDITOR'),
    ])
  })
})

describe('a comment', () => {
  const comment = (...words: string[]) => site.ok(...words, '-C')

  test.each([
    ['cluster'],
    ['network', 'cluster'],
    ['osimage', 'compute'],
    ['bmcsetup', 'base'],
    ['group', 'compute'],
    ['otherdev', 'nas'],
  ])('of %s %s', (object, ...name) => {
    site.run(['luna', object, 'change', ...name, '-C'], { input: 'first\nsecond\n' })
    expect(comment(object, 'show', ...name)).toBe('first\nsecond\n')
  })

  test('of a node can be erased again', () => {
    site.ok('node', 'add', 'a', '-g', 'compute')
    site.run(['luna', 'node', 'change', 'a', '-C'], { input: 'x\n' })
    expect(comment('node', 'show', 'a')).toBe('x\n')
    site.run(['luna', 'node', 'change', 'a', '-C'], { input: '' })
    expect(comment('node', 'show', 'a')).toBe('')
  })
})
