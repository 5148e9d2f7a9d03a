import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onPostgresql } from '../database.ts'
import { createSmallSite, type Site } from './site.ts'

let site: Site
beforeAll(() => {
  site = createSmallSite()
  site.ok('group', 'add', 'login', '-o', 'compute', '-N', 'cluster', '-i', 'eth0')
  site.ok('node', 'add', 'node[001-003],visual01', '-g', 'compute')
  for (const name of ['lpower', 'lchroot']) site.program(name, `exec ${process.env['LUNA_TEST_BIN']}/${name} "$@"`)
})
afterAll(() => site.remove())

/** Command lines, the cursor at their ends, and all that could stand there; a word alone is what it is completed to. */
const lines: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['luna no', ['node']],
  ['luna node sh', ['show']],
  ['luna -d node sh', ['show']],
  ['luna node show ', ['node001', 'node002', 'node003', 'visual01']],
  ['luna node show no', ['node001', 'node002', 'node003']],
  ['luna node show vi', ['visual01']],
  ['luna node show -n vi', ['visual01']],
  ['luna node show node001,vi', ['node001,visual01']],
  ['luna node show node[001-002],vi', ['node[001-002],visual01']],
  ['luna node add vi', []],
  ['luna node change node001 --loc', ['--localboot']],
  ['luna node change node001 -g lo', ['login']],
  ['luna node change node001 -l ', ['n', 'y']],
  ['luna node change node001 -i e', ['eth0']],
  ['luna group show lo', ['login']],
  ['luna group show lo -', ['--bmcsetup', '--comment', '--interface']],
  ['luna osimage sh', ['show']],
  ['luna osimage show c', ['compute']],
  ['luna group add x -o c', ['compute']],
  ['luna frobnicate ', []],
  ['luna node frobnicate ', []],
  ['lpower vi', ['visual01']],
  ['lpower visual01 ide', ['identify']],
  ['lpower -g lo', ['login']],
  ['lchroot c', ['compute']],
]
const only = lines.filter(([, words]) => words.length === 1)

describe('bash', () => {
  const complete = (line: string) => {
    const script = `eval "$(luna completion bash)"; COMP_WORDS=($1); [[ $1 != *' ' ]] || COMP_WORDS+=('')
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); set -f
      _luna_complete "\${COMP_WORDS[0]}"; printf '%s\\n' "\${COMPREPLY[@]}"`
    return site.run(['bash', '--norc', '-f', '-c', script, '-', line])
  }

  test.each(lines)('%s', (line, words) => {
    const { stdout, stderr } = complete(line)
    const found = stdout.split('\n').filter(Boolean)
    expect(stderr).toBe('')
    if (line.endsWith('-')) expect(found).toEqual(expect.arrayContaining([...words]))
    else expect(found.sort()).toEqual(words)
  })

  test('an option and its value in one word, which bash takes for three', () => {
    const script = `eval "$(luna completion bash)"; COMP_WORDS=(luna node list --group = lo); COMP_CWORD=5
      _luna_complete luna; echo "\${COMPREPLY[@]}"; COMP_WORDS[5]=; _luna_complete luna; echo "\${COMPREPLY[@]}"`
    expect(site.run(['bash', '--norc', '-c', script]).stdout).toBe('login\ncompute login\n')
  })

  test('where a directory is wanted, directories', () => {
    const { stdout } = complete(`luna osimage add x -p ${site.directory}/o`)
    expect(stdout).toBe(`${site.directory}/os\n`)
  })

  test('shellcheck has nothing to say', () => {
    site.write('completion.bash', site.ok('completion', 'bash'))
    expect(site.run(['shellcheck', 'completion.bash'])).toMatchObject({ status: 0, stdout: '' })
  })

  test('the installed file is found by bash-completion', () => {
    const share = join(process.env['LUNA_TEST_BIN']!, '..', 'share')
    const script = `export XDG_DATA_DIRS=${share}:/usr/share; . /usr/share/bash-completion/bash_completion
      _completion_loader lpower; complete -p lpower`
    const { stdout } = site.run(['bash', '--norc', '-c', script])
    expect(stdout).toBe('complete -F _luna_complete lpower\n')
  })
})

test('zsh', () => {
  const directory = join(process.env['LUNA_TEST_BIN']!, '..', 'share', 'zsh', 'site-functions')
  // a second zsh behind a terminal, whose line is written down after the Tab key; ^U empties it for the next
  const script = `zmodload zsh/zpty; zpty z zsh -f -i
    zpty -w z 'fpath=(${directory} $fpath); autoload -Uz compinit; compinit -u -D; setopt noautomenu nobeep noalwayslastprompt
      put() { print -r -- "$BUFFER" >>${site.directory}/zsh.out; BUFFER=; print -n DONE }; zle -N put; bindkey ^T put; print REA""DY'
    zpty -r z said '*READY*' || exit 1
    for line in "$@"; do zpty -w -n z "$line"$'\\t'$'\\x14'; zpty -r z said '*DONE*' || exit 1; done; zpty -d z`
  const typed = only.map(([line]) => line)
  const { status, stderr } = site.run(['zsh', '-f', '-c', script, '-', ...typed])
  expect([status, stderr]).toEqual([0, ''])
  const completed = readFileSync(join(site.directory, 'zsh.out'), 'utf8').split('\n').slice(0, -1)
  expect(completed).toEqual(
    only.map(([line, [word]]) => `${line.replace(/[^ ]*$/, '')}${word!.replace(/[[\]]/g, '\\$&')} `),
  )
})

describe('fish', () => {
  test.each(lines)('%s', (line, words) => {
    const script = 'luna completion fish | source; complete -C $argv[1]'
    const { stdout, stderr } = site.run(['env', `HOME=${site.directory}`, 'fish', '-N', '-c', script, '--', line])
    const found = stdout.split('\n').flatMap(one => (one === '' ? [] : [one.split('\t')[0]!]))
    expect(stderr).toBe('')
    if (line.endsWith('-')) expect(found).toEqual(expect.arrayContaining([...words]))
    else expect(found.sort()).toEqual(words.toSorted())
  })
})

describe('whatever is wrong, the Tab key says nothing of it', () => {
  test.each([
    ['no words', []],
    ['an unknown program', ['--', 'reboot', '']],
    ['an ambiguous option', ['--', 'luna', 'node', 'change', '--s', 'x', '']],
    ['prototypes', ['--', 'luna', 'constructor', '__proto__', '']],
  ])('%s', (_, words) => {
    expect(site.luna('complete', ...words)).toMatchObject({ status: 0, stderr: '', stdout: '' })
  })

  test.each([
    ['no cluster', '[database]\nurl = sqlite:/nonexistent/luna.db\n'],
    ['a configuration of Luna 1', '[MongoDB]\nserver = localhost\n'],
    ['a database that is none', '[database]\nurl = sqlite:/etc/passwd\n'],
  ])('%s', (_, conf) => {
    site.write('other.conf', conf)
    const result = site.run(['env', 'LUNA_CONF=other.conf', 'luna', 'complete', '--', 'luna', 'node', 'show', ''])
    expect(result).toMatchObject({ status: 0, stderr: '', stdout: '' })
  })

  test.skipIf(onPostgresql)('a cluster being changed by somebody else', () => {
    const python = `import sqlite3, subprocess
db = sqlite3.connect("${site.database}", isolation_level=None); db.execute("begin immediate"); db.execute("delete from address")
print(subprocess.run(["luna", "complete", "--", "luna", "node", "show", "vi"], capture_output=True, text=True).stdout)`
    expect(site.run(['python3', '-c', python]).stdout.trim()).toBe('visual01')
  })
})

test.skipIf(onPostgresql)('nothing is written', () => {
  const list = () => readdirSync(join(site.directory, 'db'))
  site.ok('node', 'list')
  const before = list()
  site.ok('complete', '--', 'luna', 'node', 'show', '')
  expect(list()).toEqual(before)
})

describe('a large cluster', () => {
  beforeAll(() => site.ok('node', 'add', 'n[0001-3000]', '-g', 'compute'))
  const complete = (typed: string) => site.ok('complete', '--', 'luna', 'node', 'show', typed).trimEnd().split('\n')

  test('is offered by beginnings, until few are left', () => {
    expect(complete('n')).toHaveLength(33)
    expect(complete('n')).toEqual(expect.arrayContaining(['n00', 'n29', 'n30', 'nod', ':nospace']))
    expect(complete('n12')).toEqual(Array.from({ length: 100 }, (_, index) => `n12${String(index).padStart(2, '0')}`))
  })
})
