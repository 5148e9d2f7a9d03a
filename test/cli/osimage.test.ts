import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSmallSite, type Site } from './site.ts'

let site: Site

beforeEach(() => {
  site = createSmallSite()
})
afterEach(() => site.remove())

const show = (...words: string[]) => site.ok('osimage', 'show', 'compute', ...words)
const change = (input: string, ...words: string[]) =>
  site.run(['luna', 'osimage', 'change', 'compute', ...words], { input })

describe('one thing alone', () => {
  test('the path', () => expect(show('-p')).toBe(`${site.directory}/os/compute\n`))

  test('words for the kernel', () => {
    site.ok('osimage', 'change', 'compute', '-o', 'quiet console=ttyS0')
    expect([show('-o'), show('--kernopts')]).toEqual(['quiet console=ttyS0\n', 'quiet console=ttyS0\n'])
  })

  test('the kernels, with the one to boot', () => {
    site.image('os/compute', '6.1.0-9-cloud-amd64', '6.1.0-20-cloud-amd64')
    const all = ['6.1.0-9-cloud-amd64', '6.1.0-13-cloud-amd64', '6.1.0-20-cloud-amd64']
    expect(show('-k').split('\n')).toEqual([all[0], all[1], `${all[2]} <=`, ''])
    site.ok('osimage', 'change', 'compute', '-k', all[1]!)
    expect(show('--kernver').split('\n')).toEqual([all[0], `${all[1]} <=`, all[2], ''])
    renameSync(join(site.directory, 'os/compute/boot', `vmlinuz-${all[1]}`), join(site.directory, 'gone'))
    expect(show('-k')).not.toContain('<=')
  })
})

describe('edited texts', () => {
  test('what is left out of a grab, as it is', () => {
    expect(show('-e')).toBe('')
    expect(change('/proc/*\n- *.log # not a comment\n', '-e').status).toBe(0)
    expect(show('--grab_exclude_list')).toBe('/proc/*\n- *.log # not a comment\n')
    change('', '--grab_exclude_list')
    expect(show('-e')).toBe('')
  })

  test.each([
    ['/\n/boot\n/srv/\n', '/,/boot,/srv'],
    ['/, /home,/', '/,/home'],
  ])('file systems to grab: %j', (input, stored) => {
    expect(show('-f')).toBe('/,/boot\n')
    expect(change(input, '-f').status).toBe(0)
    expect(show('-f')).toBe(`${stored}\n`)
  })

  test.each([
    ['', 'names no file system'],
    ['boot\n', '"boot" is not an absolute path'],
    ['/../etc\n', 'is not an absolute path'],
  ])('not %j', (input, message) => {
    const { status, stderr } = change(input, '--grab_filesystems')
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)])
    expect(show('-f')).toBe('/,/boot\n')
  })
})

test('another path: with a kernel, and no other osimage’s', () => {
  site.image('os/new', '6.9.1')
  site.ok('osimage', 'change', 'compute', '-p', `${site.directory}/os/new/`)
  expect(show('-p')).toBe(`${site.directory}/os/new\n`)
  site.ok('osimage', 'change', 'compute', '-p', `${site.directory}/os/new`)
  site.ok('osimage', 'add', 'second', '-p', `${site.directory}/os/compute`)
  for (const [path, kind] of [
    ['os/compute', 4],
    ['os/bare', 2],
    ['os/nowhere', 2],
  ] as const)
    expect(site.luna('osimage', 'change', 'compute', '-p', join(site.directory, path)).status).toBe(kind)
  expect(show('-p')).toBe(`${site.directory}/os/new\n`)
})

test('a kernel that the image has not', () => {
  const { status, stderr } = site.luna('osimage', 'change', 'compute', '-k', '5.0')
  expect([status, stderr]).toEqual([2, expect.stringContaining('has no kernel 5.0; it has 6.1.0-13-cloud-amd64')])
})
