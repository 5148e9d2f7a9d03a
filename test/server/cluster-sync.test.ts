/** Two heads in network namespaces of their own, the real rsync, ssh and sshd between them. Needs root, and Debian's rsync and openssh-server. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseAddress } from '../../src/domain/address.ts'
import { getCluster, putCluster } from '../../src/store/clusters.ts'
import { addMachine, type Machine, Namespace } from './lweb/namespace.ts'
import { until } from './lweb/site.ts'
import { listTree } from './pack/image.ts'
import { makeSite, type PackSite, publishOldPack } from './pack/site.ts'
import { makeSshKeys, sshdWords } from './sshd/keys.ts'

const repository = join(import.meta.dirname, '..', '..')
const heads = ['10.30.255.251', '10.30.255.252'] as const

let site: PackSite
let head: Namespace
let other: Machine
let sshd: ChildProcess
/** The cluster's path as the other head has it. */
let there: string

beforeEach(async () => {
  site = await makeSite()
  there = join(site.directory, 'there')
  mkdirSync(there)
  await site.store.write(async tx => putCluster(tx, { ...(await getCluster(tx)), clusterIps: heads.map(parseAddress) }))
  head = await Namespace.create()
  await head.run('ip', 'link', 'add', 'br0', 'type', 'bridge')
  await head.run('ip', 'link', 'set', 'br0', 'up')
  await head.run('ip', 'address', 'add', `${heads[0]}/16`, 'dev', 'br0')
  other = await addMachine(head, 'other', '52:54:00:00:00:02', [`${heads[1]}/16`])
  makeSshKeys(site.directory)
  writeFileSync(inSite('luna.conf'), `[database]\nurl = sqlite:${inSite('luna.db')}\n`)
  sshd = startSshd()
  await until('sshd answers', async () => (await head.run('ssh-keyscan', '-T', '1', heads[1]).catch(() => '')) !== '')
})
afterEach(async () => {
  sshd.kill('SIGKILL')
  await other.namespace.close()
  await head.close()
  await site.remove()
})

const inSite = (...path: string[]) => join(site.directory, ...path)

/** In the other head's network, where the cluster's path is another directory. */
function startSshd(): ChildProcess {
  const words = sshdWords({ host: inSite('host'), authorized: inSite('root.pub') }, heads[1])
  const script = 'mount --bind "$1" "$2"; mkdir -p /run/sshd; shift 2; exec /usr/sbin/sshd "$@"'
  const [program, ...args] = other.namespace.inside('unshare', '--mount', 'sh', '-c', script, 'sh', there, site.path)
  return spawn(program!, [...args, ...words], { stdio: 'ignore' })
}

const sync = (...words: string[]) => run('cluster', 'sync', ...words)

function run(...words: string[]) {
  const [program, ...args] = head.inside(process.execPath, join(repository, 'bin', 'luna.ts'), ...words)
  const env = { ...process.env, PATH: `${inSite('bin')}:${process.env['PATH']}`, LUNA_CONF: inSite('luna.conf') }
  const { status, stdout, stderr } = spawnSync(program!, args, { env, encoding: 'utf8' })
  return { status, stdout, stderr }
}

const done = () => ({ status: 0, stdout: `${site.path} is on ${heads[1]} as it is here\n`, stderr: '' })

function write(root: string, path: string, text = path): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

test('the other head gets what is here, and loses what nobody has any use for', async () => {
  const old = await publishOldPack(site)
  expect(sync()).toEqual(done())
  const pack = await publishOldPack(site)
  write(site.path, 'os/compute/etc/os-release')
  write(site.path, 'os/compute/etc/*')
  write(site.path, '.packing/1/half')
  write(there, 'os/compute/etc/removed-here')
  write(there, '.packing/2/of-the-other-head')
  expect(sync()).toEqual(done())
  for (const name of [`boot/${pack.kernelFile}`, `torrents/${pack.tarballFile}`, `boot/${old.kernelFile}`])
    expect(readFileSync(join(there, name))).toEqual(readFileSync(join(site.path, name)))
  expect(readdirSync(join(there, 'os/compute/etc')).sort()).toEqual(['*', 'os-release'])
  expect(readdirSync(join(there, '.packing'))).toEqual(['2'])
})

test('a generation that the other head has packed itself stays there', async () => {
  const pack = await publishOldPack(site)
  for (const [directory, name] of [
    ['boot', pack.kernelFile],
    ['torrents', pack.tarballFile],
  ] as const) {
    write(there, join(directory, name))
    rmSync(join(site.path, directory, name))
  }
  expect(sync()).toEqual(done())
  expect(existsSync(join(there, 'boot', pack.kernelFile))).toBe(true)
  expect(existsSync(join(there, 'torrents', pack.tarballFile))).toBe(true)
})

test('a dry run says what it would run, and copies nothing', async () => {
  write(site.path, 'templates/menu.ipxe')
  const { status, stdout } = sync('--dry-run')
  expect([status, stdout.match(/^would run: rsync /gm)]).toEqual([0, ['would run: rsync ', 'would run: rsync ']])
  expect(readdirSync(there)).toEqual([])
})

test('an image alone: its directory there becomes what it is here', async () => {
  const path = join(site.path, 'os/compute')
  await site.store.write(tx => tx.updateTable('osimage').set({ path, grabExcludeList: '/etc/motd\n' }).execute())
  for (const name of ['os/compute/etc/motd', 'os/other/etc/motd']) write(site.path, name)
  execFileSync('python3', [join(import.meta.dirname, 'pack', 'make-oddities.py'), path])
  write(there, 'os/compute/removed-here')
  const dry = run('osimage', 'sync', 'compute', '--dry-run')
  expect([dry.status, dry.stdout]).toEqual([0, expect.stringMatching(/^10.30.255.252: \*deleting +removed-here$/m)])
  expect(readdirSync(join(there, 'os/compute'))).toEqual(['removed-here'])
  const { status, stdout, stderr } = run('osimage', 'sync', 'compute')
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^10.30.255.252: \d+ new or changed, 1 deleted\n$/)
  expect(listTree(join(there, 'os/compute'), { ctime: false })).toBe(listTree(path, { ctime: false }))
  expect(readdirSync(join(there, 'os'))).toEqual(['compute'])
})

test('a head that lets nobody in', async () => {
  writeFileSync(inSite('root.pub'), '')
  write(site.path, 'templates/menu.ipxe')
  const { status, stderr } = sync()
  expect(status).toBe(1)
  expect(stderr).toContain(
    `while it copied to ${heads[1]}: can root log in there by its key? try: ssh root@${heads[1]} true\n`,
  )
})

test.each<[string, readonly string[], number, string]>([
  ['one head', [], 6, 'there is one head only; name both: luna cluster change --cluster_ips A,B'],
  ['neither is this machine', ['10.30.1.1', '10.30.1.2'], 2, 'this machine has neither address of cluster_ips'],
  ['both are', [heads[0], '127.0.0.1'], 2, 'this machine has both addresses of cluster_ips'],
])('%s: refused', async (_, ips, status, message) => {
  await site.store.write(async tx => putCluster(tx, { ...(await getCluster(tx)), clusterIps: ips.map(parseAddress) }))
  const result = sync()
  expect([result.status, result.stderr]).toEqual([status, expect.stringContaining(message)])
})
