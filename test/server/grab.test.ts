/** A running host with the real sshd and rsync, at a loopback address of a network namespace. Needs root. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from './lweb/site.ts'
import { kernver, listTree } from './pack/image.ts'
import { type PackSite, processesOf } from './pack/site.ts'
import type { RunningHost } from './sshd/running-host.ts'
import { SshSite } from './sshd/ssh-site.ts'

let ssh: SshSite
let site: PackSite
let host: RunningHost
let root: string

beforeEach(async () => {
  ssh = await SshSite.create()
  site = ssh.site
  root = ssh.root
  host = await ssh.startHost('node001', '127.0.0.11')
})
afterEach(() => ssh.remove())

const luna = (...words: string[]) => ssh.luna(...words)
const grab = (...more: string[]) => luna('osimage', 'grab', 'compute', '--host', host.address, ...more)
const mark = () => existsSync(join(site.path, '.packing/1.grabbing'))

/** What a tree has on its own file system; the host's /boot, /home, /proc and /dev are others. */
const ownTree = (path: string) =>
  listTree(path, { ctime: false })
    .split('\n')
    .filter(line => !/^\["\.\/(boot|home|proc|dev)[/"]/.test(line))

/** A grab of something that takes a moment, when it has begun to come. */
async function startGrab() {
  execFileSync('truncate', ['--size=1G', join(host.root, 'large')])
  renameSync(join(host.root, 'bin/rsync'), join(host.root, 'bin/rsync.real'))
  writeFileSync(join(host.root, 'bin/rsync'), '#!/bin/sh\nexec rsync.real --bwlimit=10M "$@"\n', { mode: 0o755 })
  const [program, ...args] = ssh.wordsOf(['osimage', 'grab', 'compute', '-H', host.address])
  const child = spawn(program!, args, { env: ssh.environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', data => {
    said += data
  })
  const exited = once(child, 'close') // when all that it said has come
  await until('the large file comes', () => partial().length > 0)
  return { child, exited, said: () => said }
}

const partial = () => readdirSync(root).filter(name => name.startsWith('.large.'))

test('the directory becomes what the host is, with everything that a file can have', async () => {
  host.makeOddities()
  host.write('etc/hostname', 'node001\n')
  host.write('var/log/messages')
  await ssh.setLists('# of each node alone\n/etc/hostname\n/var/log/*\n')
  execFileSync(
    'sh',
    [
      '-c',
      'echo golden >etc/hostname; mkdir -p home old; echo >old/file; echo >boot/old; echo >home/kept; echo >linked',
    ],
    {
      cwd: root,
    },
  )
  const { status, stdout, stderr } = grab()
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^compute: \d+ new or changed, 3 deleted, from 127.0.0.11, \d+ s\n$/)
  const isExcluded = (line: string) => /^\["\.\/(etc\/hostname|var\/log\/messages)"/.test(line)
  expect(ownTree(root).filter(line => !isExcluded(line))).toEqual(ownTree(host.root).filter(line => !isExcluded(line)))
  expect(readdirSync(join(root, 'var/log'))).toEqual([])
  expect(readFileSync(join(root, 'etc/hostname'), 'utf8')).toBe('golden\n')
  expect(readdirSync(join(root, 'boot')).sort()).toEqual([`config-${kernver}`, `vmlinuz-${kernver}`])
  expect([readdirSync(join(root, 'home')), readdirSync(join(root, 'proc'))]).toEqual([['kept'], []])
  expect(grab().stdout).toMatch(/^compute: 0 new or changed, 0 deleted/)
})

test('of the file systems in the list alone', async () => {
  await ssh.setLists('', '/home')
  execFileSync('touch', [join(root, 'mine'), join(root, 'boot/mine')])
  expect(grab()).toMatchObject({ status: 0, stderr: '' })
  expect(readdirSync(join(root, 'home'))).toEqual(['mounted'])
  expect([existsSync(join(root, 'mine')), existsSync(join(root, 'boot/mine'))]).toEqual([true, true])
})

test.each(['-d', '--dry_run', '--dry-run'])('%s says what rsync would do, and does nothing', async option => {
  host.write('etc/new\nline', '')
  execFileSync('sh', ['-c', 'mkdir old && echo >old/file'], { cwd: root })
  const before = [listTree(root, { ctime: true }), readdirSync(site.path)]
  const { status, stdout, stderr } = grab(option)
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toContain('>f+++++++++ etc/new\\#012line\n')
  expect(stdout).toMatch(/^\*deleting +old\/file$/m)
  expect([listTree(root, { ctime: true }), readdirSync(site.path)]).toEqual(before)
})

test('-v prints what changes', async () => {
  host.write('etc/motd')
  expect(grab('-v').stdout).toMatch(/^>f\+{9} etc\/motd$[\s\S]*^compute: \d+ new/m)
})

test('shows how far it is on a terminal', () => {
  const command = ssh.wordsOf(['osimage', 'grab', 'compute', '-H', host.address]).join(' ')
  const log = join(site.directory, 'typescript')
  execFileSync('script', ['-qec', command, log], { env: ssh.environment, stdio: 'ignore' })
  expect(readFileSync(log, 'utf8')).toMatch(/grab +\[=+\] 100 % +\d+ files\/s/)
})

test('a kernel that is gone is worth a warning', () => {
  execFileSync('rm', ['-r', join(host.root, 'usr/lib/modules')])
  const { status, stderr } = grab()
  expect([status, stderr]).toEqual([
    0,
    `luna: warning: ${root} has no kernel; before it is packed, see: luna osimage show compute -k\n`,
  ])
})

describe('when it fails', () => {
  test.each([
    ['nobody is there', '127.0.0.99', /^luna: rsync failed .* with 127.0.0.99: can root log in there by its key\?/],
    ['the name is nobody’s', 'nosuch.invalid', /with nosuch.invalid: can root log in there by its key\?/],
  ])('since %s, nothing is changed', async (_, address, message) => {
    const before = listTree(root, { ctime: true })
    const { status, stderr } = luna('osimage', 'grab', 'compute', '-H', address)
    expect([status, stderr]).toEqual([1, expect.stringMatching(message)])
    expect(stderr).toContain('; nothing was changed\n')
    expect([listTree(root, { ctime: true }), mark()]).toEqual([before, false])
  })

  test('since the host has no rsync, nothing is changed', () => {
    rmSync(join(host.root, 'bin/rsync'))
    const { status, stderr } = grab()
    expect([status, stderr]).toEqual([1, expect.stringMatching(/: is rsync installed there\?; nothing was changed\n/)])
    expect(mark()).toBe(false)
  })

  test('since a file system of the list is not there, the rest has come and the image is not packed', async () => {
    await ssh.setLists('', '/,/nosuch')
    const { status, stderr } = grab()
    expect(status).toBe(1)
    expect(stderr).toMatch(/"\/nosuch" failed: No such file/)
    expect(stderr).toContain(`${root} is neither what it was nor what 127.0.0.11 is: grab it again before it is packed`)
    expect(luna('osimage', 'pack', 'compute')).toMatchObject({
      status: 6,
      stderr: expect.stringContaining('a grab of osimage "compute" was not finished'),
    })
    const second = luna('osimage', 'clone', 'compute', '-t', 'second', '-p', join(site.directory, 'second'))
    expect([second.status, second.stderr]).toEqual([6, expect.stringContaining('was not finished')])
    await ssh.setLists('')
    expect(grab().status).toBe(0)
    expect(mark()).toBe(false)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'ended by %s, it leaves no half file, and says how things are',
    async signal => {
      const { child, exited, said } = await startGrab()
      child.kill(signal)
      expect(await exited).toEqual([1, null])
      expect(said()).toContain('luna: grabbing osimage "compute" from 127.0.0.11 was interrupted; ')
      await until('rsync ends', () => processesOf(site).every(line => !line.includes('rsync')))
      expect(partial()).toEqual([])
    },
  )

  test('killed, it leaves no half file, no lock, and an image that is not packed', async () => {
    const { child, exited } = await startGrab()
    child.kill('SIGKILL')
    await exited
    await until('rsync ends', () => processesOf(site).every(line => !line.includes('rsync')))
    expect([partial(), mark()]).toEqual([[], true])
    expect(luna('osimage', 'pack', 'compute').status).toBe(6)
    rmSync(join(host.root, 'large'))
    expect(grab()).toMatchObject({ status: 0, stderr: '' })
    expect(mark()).toBe(false)
  })
})

test('neither packed nor entered while it is grabbed', async () => {
  const { child, exited } = await startGrab()
  expect(luna('osimage', 'pack', 'compute')).toMatchObject({
    status: 4,
    stderr: expect.stringMatching(/osimage "compute" is being grabbed already by process \d+ since/),
  })
  expect(grab()).toMatchObject({ status: 4, stderr: expect.stringContaining('already: grab of ') })
  child.kill('SIGTERM')
  await exited
})
