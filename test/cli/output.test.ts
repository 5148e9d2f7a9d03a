import { closeSync, openSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectGolden } from '../golden-file.ts'
import { createSmallSite, type Site } from './site.ts'

let site: Site

beforeAll(() => {
  site = createSmallSite()
  site.ok('node', 'add', 'node[001-002]', '-g', 'compute')
  site.ok('node', 'change', 'node001', '--mac', '52:54:00:00:00:01')
  site.ok('network', 'change', 'cluster', '-R', '10.30.7.7')
  const v3 = ['--snmp_user', 'luna', '--auth_password', 'authauth', '--priv_password', 'privpriv']
  site.ok('switch', 'add', 'switch01', '-i', '10.31.253.21')
  site.ok('switch', 'add', 'switch02', '-i', '10.31.253.22', ...v3)
  site.ok('node', 'change', 'node001', '-s', 'switch01', '-p', 'Gi1/0/5')
  site.ok('otherdev', 'add', 'nas', '-N', 'cluster', '-i', '10.30.200.1')
  site.ok('otherdev', 'change', 'nas', '-N', 'ipmi', '-i', '10.31.200.1')
  site.ok('otherdev', 'add', 'pdu1', '-N', 'ipmi')
  site.shell('echo rack 7 | luna node change node001 -C')
})
afterAll(() => site.remove())

/** What does not depend on this machine. */
const neutral = (text: string) => text.replaceAll(site.directory, '/SITE').replaceAll(`"${site.user}"`, '"USER"')

/** A shape that scripts rely on: a change here is a change of the interface. */
test.each([
  'cluster show',
  'network list',
  'network show cluster',
  'osimage list',
  'osimage show compute',
  'osimage history compute',
  'bmcsetup list',
  'bmcsetup show base',
  'switch list',
  'switch show switch01',
  'switch show switch[01-02]',
  'otherdev list',
  'otherdev show nas',
  'otherdev show nas,pdu1',
  'group list',
  'group show compute',
  'node list',
  'node list --status',
  'osimage storm',
  'node show node001',
  'node show node[001-002]',
])('%s --json', words => {
  const text = site.ok(...words.split(' '), '--json')
  expect(site.ok(...words.split(' '), '-R')).toBe(text)
  JSON.parse(text)
  expectGolden(`cli/${words.replaceAll(/[^a-z0-9]+/g, '-').replace(/-$/, '')}.json`, neutral(text))
})

test.each([
  'cluster show',
  'network show cluster',
  'osimage show compute',
  'bmcsetup show base',
  'switch show switch01',
  'switch list',
  'otherdev show nas',
  'otherdev list',
  'group show compute',
  'node show node001',
  'node list',
  'network list',
  'group list',
])('%s for people', words => {
  expectGolden(
    `cli/${words.replaceAll(' ', '-')}.txt`,
    neutral(site.ok(...words.split(' '))).replace(new RegExp(`^(user +)${site.user}$`, 'm'), '$1USER'),
  )
})

test('an image that is not packed is told of before its nodes fail to boot', () => {
  const unpacked =
    'luna: warning: osimage "compute" is not packed, and nodes cannot boot it; run: luna osimage pack compute\n'
  const warningsOf = (words: string) => site.luna(...words.split(' ')).stderr
  expect(warningsOf('group add spare -o compute')).toBe(unpacked)
  expect(warningsOf('group change spare -o compute')).toBe(unpacked)
  expect(warningsOf('group change spare -b base')).toBe('')
  expect(warningsOf('node list --status')).toBe(unpacked)
  expect(warningsOf('node list --status -g spare')).toBe('')
  site.ok('node', 'change', 'node[001-002]', '-l', 'y')
  expect(warningsOf('node list --status')).toBe('')
  site.ok('node', 'change', 'node[001-002]', '-l', 'n')
  site.ok('group', 'delete', 'spare')
})

test('secrets are shown to who asks for them', () => {
  const asked = JSON.parse(site.ok('switch', 'show', 'switch02', '--json', '--secrets'))
  expect(asked).toMatchObject({ read: 'public', rw: 'private', auth_password: 'authauth', priv_password: 'privpriv' })
  expect(site.ok('switch', 'show', 'switch02', '--secrets')).toContain('privpriv')
  expect(site.ok('bmcsetup', 'show', 'base', '--secrets')).toMatch(/^password +ladmin$/m)
  expect(site.ok('switch', 'show', 'switch02') + site.ok('switch', 'list', '--json')).not.toMatch(/authauth|privpriv/)
})

describe('help', () => {
  test.each([
    [['--help'], 'Usage: luna [-d|--debug] OBJECT ACTION'],
    [['-h'], 'Usage: luna [-d|--debug] OBJECT ACTION'],
    [[], 'Usage: luna [-d|--debug] OBJECT ACTION'],
    [['node', '--help'], 'Usage: luna node '],
    [['node', '-h'], 'Usage: luna node '],
    [['node'], 'Usage: luna node '],
    [['node', 'change', '--help'], 'Usage: luna node change '],
    [['group', 'change', '-h'], 'Usage: luna group change '],
  ])('luna %j', (words, start) => {
    const { status, stdout, stderr } = site.luna(...words)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout.startsWith(start)).toBe(true)
  })

  test('names every object and every action, with what each is for', () => {
    const objects = [...site.ok('--help').matchAll(/^ {2}([a-z]+) +\w/gm)].map(match => match[1]!)
    expect(objects).toEqual(expect.arrayContaining(['cluster', 'osimage', 'bmcsetup', 'network', 'group', 'node']))
    for (const object of objects) {
      const actions = [...site.ok(object, '--help').matchAll(/^ {2}([a-z]+) +\S/gm)].map(match => match[1]!)
      const first = { completion: 'bash', db: 'copy' }[object] ?? 'show'
      expect(actions).toContain(first)
      for (const action of actions) expect(site.ok(object, action, '--help')).toContain(`luna ${object} ${action}`)
    }
  })

  test('works where there is no cluster', () => {
    const { status } = site.run(['env', 'LUNA_CONF=/nonexistent', 'luna', 'node', '--help'])
    expect(status).toBe(0)
  })
})

describe('a reader that leaves', () => {
  test.each(['luna --help', 'luna node change --help', 'luna node list --json'])('%s | head -n 1', command => {
    const { status, stderr } = site.shell(`set -o pipefail; ${command} | head -n 1`)
    expect([status, stderr]).toEqual([0, ''])
  })

  test('before anything is written', () => {
    const { status, stderr } = site.shell('set -o pipefail; luna node list | exec 0<&-; luna node list >&-; true')
    expect([status, stderr.includes('bug')]).toEqual([0, false])
  })
})

test.each(['--help', 'node --help', 'node list', 'node list --json'])('luna %s to a full disk says so', words => {
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = site.run(['luna', ...words.split(' ')], { stdout: full })
  closeSync(full)
  expect([status, stderr]).toEqual([1, 'luna: cannot write the output: ENOSPC: no space left on device, write\n'])
})

test('two thousand nodes in one hostlist', () => {
  const many = 'n[001-2000]'
  site.ok('node', 'add', many, '-g', 'compute')
  site.ok('node', 'change', many, '--service', 'y')
  const nodes = JSON.parse(site.ok('node', 'show', many, '--json'))
  expect(nodes).toHaveLength(2000)
  expect(nodes.at(-1)).toMatchObject({ name: 'n2000', service: true, interfaces: [{ address: '10.30.7.211' }, {}] })
  const names = site.ok('node', 'list', '-1').split(/\s/)
  expect(names.slice(997, 1002)).toEqual(['n998', 'n999', 'n1000', 'n1001', 'n1002'])
  const { status, stdout } = site.shell('set -o pipefail; luna node list | head -n 1')
  expect([status, stdout.split(/ +/)[0]]).toEqual([0, 'Name'])
  site.ok('node', 'delete', many)
  expect(site.ok('node', 'list', '-1')).toBe('node001 node002\n')
})

test("a node's words do not steer the terminal", () => {
  site.shell("printf 'a\\033[2Jb\\n' | luna node change node002 -C")
  expect(site.ok('node', 'show', 'node002')).not.toContain('\u001b')
})

test('--debug says where an error came from', () => {
  const { stderr } = site.luna('--debug', 'node', 'show', 'nope')
  expect(stderr).toMatch(/^luna: there is no node "nope"; see: luna node list\n.*LunaError.*\n +at /s)
})

test('--version', () => {
  expect(site.ok('--version')).toMatch(/^luna \d+\.\d+\.\d+\n$/)
})
