import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listTree, makeImage } from './pack/image.ts'
import { makeSite, mountsOf, type PackSite, processesOf } from './pack/site.ts'
import { until } from './pack/start-packer.ts'

const bin = join(import.meta.dirname, '..', '..', 'bin')

let site: PackSite
let root: string
let environment: NodeJS.ProcessEnv

beforeEach(async () => {
  site = await makeSite()
  root = join(site.directory, 'image')
  makeImage(root)
  const conf = join(site.directory, 'luna.conf')
  writeFileSync(conf, `[database]\nurl = sqlite:${site.directory}/luna.db\n`)
  environment = { ...process.env, LUNA_CONF: conf }
})
afterEach(() => site.remove())

const commandOf = (to: string, path: string, ...more: string[]) =>
  [join(bin, 'luna.ts'), 'osimage', 'clone', 'compute', '-t', to, '-p', path, ...more] as const

const clone = (to: string, path: string, ...more: string[]) =>
  spawnSync(process.execPath, commandOf(to, path, ...more), { env: environment, encoding: 'utf8' })

/** Fills the image with something that takes a moment to copy, and begins; the copy is not over before it is ended. */
async function startClone(path: string) {
  execFileSync('dd', ['if=/dev/urandom', `of=${root}/large`, 'bs=1M', 'count=400', 'status=none'])
  const bin = join(site.directory, 'bin')
  mkdirSync(bin)
  execFileSync('mkfifo', [join(bin, 'silence')])
  const waiting = `#!/bin/bash\n/bin/cp "$@"\nread -r <>${bin}/silence\n`
  writeFileSync(join(bin, 'cp'), waiting, { mode: 0o755 })
  const child = spawn(process.execPath, commandOf('second', path), {
    env: { ...environment, PATH: `${bin}:${environment['PATH']}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', data => {
    said += data
  })
  const exited = once(child, 'close') // when all that it said has come
  await until(() => existsSync(join(site.directory, '.second.luna-clone', 'boot')))
  return { child, exited, said: () => said }
}

const osimages = () => site.store.read(tx => tx.selectFrom('osimage').selectAll().orderBy('name').execute())
const besides = () => readdirSync(site.directory).filter(name => name.startsWith('.'))

test('is the same tree, and an osimage with the same settings that is not packed', async () => {
  execFileSync('python3', [join(import.meta.dirname, 'pack', 'make-oddities.py'), root])
  await site.store.write(tx =>
    tx.updateTable('osimage').set({ kernopts: 'quiet', grabExcludeList: '/proc/*\n', comment: 'ours' }).execute(),
  )
  const before = listTree(root, { ctime: true })
  const path = join(site.directory, 'second')
  const { status, stdout, stderr } = clone('second', path)
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toBe(`second: ${path}, a clone of compute, ${/\d+ s/.exec(stdout)}\n`)
  expect(listTree(path, { ctime: false })).toBe(listTree(root, { ctime: false }))
  expect(listTree(root, { ctime: true })).toBe(before)
  const [compute, second] = await osimages()
  expect(second).toEqual({ ...compute, id: second!.id, name: 'second', path, packId: null })
  expect(besides()).toEqual([])
})

test('takes no space where the file system shares extents', async () => {
  const [file, disk] = [join(site.directory, 'disk.xfs'), join(site.directory, 'disk')]
  execFileSync('truncate', ['--size=512M', file])
  execFileSync('mkfs.xfs', ['-q', '-m', 'reflink=1', file])
  mkdirSync(disk)
  execFileSync('mount', ['-o', 'loop', file, disk])
  try {
    const original = join(disk, 'image')
    execFileSync('cp', ['--archive', root, original])
    execFileSync('python3', [join(import.meta.dirname, 'pack', 'make-oddities.py'), original])
    execFileSync('dd', ['if=/dev/urandom', `of=${original}/large`, 'bs=1M', 'count=300', 'status=none'])
    await site.store.write(tx => tx.updateTable('osimage').set({ path: original }).execute())
    const { status, stderr } = clone('second', join(disk, 'second')) // a second copy of 300 MB has no room there
    expect([status, stderr]).toEqual([0, ''])
    expect(listTree(join(disk, 'second'), { ctime: false })).toBe(listTree(original, { ctime: false }))
  } finally {
    execFileSync('umount', [disk])
  }
})

test('leaves out what is mounted in the image', () => {
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(root, 'proc')])
  try {
    writeFileSync(join(root, 'proc/mounted'), '')
    expect(clone('second', join(site.directory, 'second')).status).toBe(0)
    expect(readdirSync(join(site.directory, 'second/proc'))).toEqual([])
  } finally {
    execFileSync('umount', [join(root, 'proc')])
  }
})

test('into an empty directory that is there already', () => {
  const path = join(site.directory, 'second')
  mkdirSync(path)
  expect(clone('second', path).status).toBe(0)
  expect(readdirSync(path)).toContain('boot')
})

describe('refused, with nothing changed', () => {
  test.each([
    ['the name is taken', 'compute', 'second', 4, /osimage "compute" exists already/],
    ['the path is another osimage’s', 'second', 'image', 4, /image is the path of osimage "compute" already/],
    ['there is something', 'second', 'taken', 4, /taken is there already and is not empty; a clone needs a new place/],
    ['it is the cluster’s path', 'second', 'opt', 4, /opt is there already and is not empty/],
    ['there is a file', 'second', 'luna.db', 4, /luna.db is there already and is not empty/],
    ['there is nothing above', 'second', 'no/second', 2, /there is no directory .*\/no to make second in/],
    ['it lies in the image', 'second', 'image/root', 2, /lie one in the other; a clone needs a place of its own/],
  ])('%s', async (_, name, path, expected, message) => {
    mkdirSync(join(site.directory, 'taken', 'something'), { recursive: true })
    const before = [await osimages(), readdirSync(site.directory)]
    const { status, stderr } = clone(name, join(site.directory, path))
    expect([status, stderr]).toEqual([expected, expect.stringMatching(message)])
    const dry = clone(name, join(site.directory, path), '--dry-run')
    expect([dry.status, dry.stderr]).toEqual([expected, stderr])
    expect([await osimages(), readdirSync(site.directory)]).toEqual(before)
  })

  test('when somebody is in the image', async () => {
    const child = spawn(process.execPath, [join(bin, 'lchroot.ts'), 'compute', 'sleep', '1000'], { env: environment })
    const exited = once(child, 'exit')
    await until(() => processesOf(site).some(line => line.includes('luna-chroot')))
    const { status, stderr } = clone('second', join(site.directory, 'second'))
    child.kill('SIGTERM')
    await exited
    expect([status, stderr]).toEqual([
      4,
      expect.stringMatching(/^luna: somebody is in osimage "compute" already: lchroot of .+, process \d+, since .*\n$/),
    ])
    expect(besides()).toEqual([])
  })

  test('when the disk is full', async () => {
    const small = join(site.directory, 'small')
    mkdirSync(small)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small])
    try {
      const { status, stderr } = clone('second', join(small, 'second'))
      const message = `luna: no space is left in ${small} for a clone of osimage "compute"; nothing was changed\n`
      expect([status, stderr, readdirSync(small)]).toEqual([1, message, []])
      expect(await osimages()).toHaveLength(1)
    } finally {
      execFileSync('umount', [small])
    }
  })
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ended by %s leaves nothing', async signal => {
  const { child, exited, said } = await startClone(join(site.directory, 'second'))
  child.kill(signal)
  expect(await exited).toEqual([1, null])
  expect(said()).toBe('luna: cloning osimage "compute" was interrupted; nothing was changed\n')
  expect([besides(), existsSync(join(site.directory, 'second'))]).toEqual([[], false])
  expect(await osimages()).toHaveLength(1)
})

test('killed leaves only what the next one removes', async () => {
  const path = join(site.directory, 'second')
  const { child, exited } = await startClone(path)
  child.kill('SIGKILL')
  await exited
  await until(() => processesOf(site).length === 0)
  expect([besides(), existsSync(path), mountsOf(site)]).toEqual([['.second.luna-clone'], false, []])
  expect(clone('second', path).status).toBe(0)
  expect(besides()).toEqual([])
  expect(listTree(path, { ctime: false })).toBe(listTree(root, { ctime: false }))
})

test('--dry-run says what it would copy', async () => {
  const before = [await osimages(), readdirSync(site.directory), readdirSync(site.path)]
  const { status, stdout } = clone('second', join(site.directory, 'second'), '--dry-run')
  expect(status).toBe(0)
  expect(stdout).toMatch(`would copy ${root} to ${site.directory}/second\n--- /dev/null\n+++ osimage second\n`)
  expect([await osimages(), readdirSync(site.directory), readdirSync(site.path)]).toEqual(before)
})

test('shows how far it is on a terminal', () => {
  const command = [process.execPath, ...commandOf('second', join(site.directory, 'second'))].join(' ')
  const log = join(site.directory, 'typescript')
  execFileSync('script', ['-qec', command, log], { env: environment, stdio: 'ignore' })
  expect(readFileSync(log, 'utf8')).toMatch(/copy +\[=+\] 100 % +\d+ files\/s/)
})
