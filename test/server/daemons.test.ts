import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseAddress } from '../../src/domain/address.ts'
import { getCluster, putCluster } from '../../src/store/clusters.ts'
import { nobody, repository, Site, until } from './lweb/site.ts'

let site: Site
beforeEach(async () => {
  site = await Site.open()
})
afterEach(async () => {
  for (const name of ['lweb', 'ltorrent']) await control(name, 'stop')
  await site.close()
})

/** Exit status and what was said. */
async function control(program: string, ...args: string[]): Promise<[number, string]> {
  const script = '"$@" 2>&1; echo "=$?"'
  const argv = ['sh', '-c', script, 'sh', process.execPath, join(repository, 'bin', `${program}.ts`), ...args]
  const [, said, status] = /^([\s\S]*)=(\d+)\n$/.exec(await site.onHead(...argv))!
  return [Number(status), said!]
}

const pidOf = (name: string): number =>
  Number(readFileSync(join(site.runDirectory, `${name}.pid`), 'utf8').split('\n')[0])
const isUp = async (base = 'http://127.0.0.1:7051') => {
  try {
    return (await site.ask('head', '/luna?step=boot', { base })).status === 200
  } catch {
    return false
  }
}

test.each(['lweb', 'ltorrent'])('%s starts, says what it is doing, and stops', async name => {
  expect(await control(name, 'status')).toEqual([3, `${name} is not running\n`])
  expect(await control(name, 'stop')).toEqual([0, `${name} is not running\n`])
  const [status, said] = await control(name, 'start')
  expect(status).toBe(0)
  expect(said).toMatch(
    name === 'lweb' ? /^lweb listens on 127.0.0.1:7051 and 10.30.255.254:7050 / : /^ltorrent is listening /,
  )
  if (name === 'lweb') expect(await isUp()).toBe(true)
  const pid = pidOf(name)
  expect(await control(name, 'status')).toEqual([0, `${name} is running (process ${pid})\n`])
  expect(await control(name, 'start')).toEqual([0, `${name} is running already (process ${pid})\n`])
  expect((await control(name, 'restart'))[0]).toBe(0)
  expect(pidOf(name)).not.toBe(pid)
  expect(await control(name, 'stop')).toEqual([0, `${name} is stopped\n`])
  expect(existsSync(join(site.runDirectory, `${name}.pid`))).toBe(false)
})

test.each(['lweb', 'ltorrent'])('%s runs as the cluster’s user, and leaves nothing that is root’s', async name => {
  await control(name, 'start')
  const status = readFileSync(`/proc/${pidOf(name)}/status`, 'utf8')
  expect(status).toMatch(new RegExp(`^Uid:\\t${nobody}\\t${nobody}\\t${nobody}\\t${nobody}$`, 'm'))
  expect(status).toMatch(/^CapEff:\t0+$/m)
  const files = execFileSync('find', [site.runDirectory, '-uid', '0'], { encoding: 'utf8' })
  expect(files).toBe('')
})

test.each(['lweb', 'ltorrent'])('nginx’s group may use the socket of %s, other users may not', async name => {
  await control(name, 'start')
  const { mode, gid } = lstatSync(join(site.runDirectory, `${name}.sock`))
  expect(mode & 0o777).toBe(0o660)
  expect(gid).toBe(Number(execFileSync('id', ['-g', 'www-data'], { encoding: 'utf8' })))
})

test.each(['lweb', 'ltorrent'])('%s writes a further pid file where the cluster says', async name => {
  const path = join(site.runDirectory, `${name}-of-the-site.pid`)
  await site.cluster.store.write(async tx => {
    const key = name === 'lweb' ? 'lwebPidfile' : 'torrentPidfile'
    await putCluster(tx, { ...(await getCluster(tx)), [key]: path })
  })
  await control(name, 'start')
  await until('it is written', async () => existsSync(path))
  expect(Number(readFileSync(path, 'utf8').split('\n')[0])).toBe(pidOf(name))
  await control(name, 'stop')
  expect(existsSync(path)).toBe(false)
})

test('a pid file that cannot be written is no reason not to serve', async () => {
  await site.cluster.store.write(async tx =>
    putCluster(tx, { ...(await getCluster(tx)), lwebPidfile: '/proc/lweb.pid' }),
  )
  await control('lweb', 'start')
  expect(await isUp()).toBe(true)
  expect(readFileSync(join(site.runDirectory, 'lweb.log'), 'utf8')).toContain(
    'cannot write the pid file /proc/lweb.pid: ',
  )
})

test('killed, it starts again; a pid file left behind means nothing', async () => {
  await control('lweb', 'start')
  process.kill(pidOf('lweb'), 'SIGKILL')
  await until('it is gone', async () => !(await isUp()))
  expect((await control('lweb', 'status'))[0]).toBe(3)
  // the number belongs to another process now
  writeFileSync(join(site.runDirectory, 'lweb.pid'), `${process.pid}\n1\n`)
  expect((await control('lweb', 'start'))[0]).toBe(0)
  expect(await isUp()).toBe(true)
})

test('root’s commands and the daemon’s user write side by side', async () => {
  await control('lweb', 'start')
  const node = await site.node()
  const luna = (...args: string[]) => site.onHead(process.execPath, join(repository, 'bin', 'luna.ts'), ...args)
  for (const comment of ['one', 'two', 'three']) {
    await luna('network', 'change', 'cluster', '--reserve', `10.30.200.${comment.length}`)
    const script = await site.ask(node, '/luna?step=discovery&hwdata=|52:54:00:00:00:01')
    expect(script.body).toContain('luna.node=node001 ')
  }
  for (const suffix of ['', '-wal', '-shm'])
    expect(statSync(join(site.cluster.directory, 'db', `luna.db${suffix}`)).uid).toBe(nobody)
})

test('the last of root’s commands leaves a database that the daemon can open', async () => {
  const database = join(site.cluster.directory, 'db', 'luna.db')
  await site.cluster.store.close()
  expect(existsSync(`${database}-wal`)).toBe(false) // nobody has it open: the next one makes these files
  await site.onHead(
    process.execPath,
    join(repository, 'bin', 'luna.ts'),
    'network',
    'change',
    'cluster',
    '-R',
    '10.30.9.9',
  )
  expect((await control('lweb', 'start'))[0]).toBe(0)
  expect(await isUp()).toBe(true)
  expect(statSync(`${database}-wal`).uid).toBe(nobody)
})

test('an address that is not there yet is waited for', async () => {
  await site.cluster.store.write(async tx => {
    const cluster = await getCluster(tx)
    await putCluster(tx, { ...cluster, frontendAddress: parseAddress('10.30.255.253') })
  })
  const [status, said] = await control('lweb', 'start')
  expect(status).toBe(0)
  expect(said).toMatch(
    /^lweb listens on 127.0.0.1:7051, and waits for 10.30.255.253:7050 \(this machine does not have the address yet\) /,
  )
  await site.onHead('ip', 'address', 'add', '10.30.255.253/16', 'dev', 'br0')
  await until('it listens there', () => isUp('http://10.30.255.253:7050'))
})

test('with nginx in front, the frontend address is nginx’s', async () => {
  site.writeConfig('nginx')
  expect((await control('lweb', 'start'))[1]).toMatch(/^lweb listens on 127.0.0.1:7051 \(/)
})

test('a port that is taken is said, and had as soon as it is free', async () => {
  const other = await site.daemon('lweb', /lweb listens on/)
  writeFileSync(
    site.configPath,
    readFileSync(site.configPath, 'utf8').replace(site.runDirectory, `${site.runDirectory}2`),
  )
  const [status, said] = await control('lweb', 'start')
  expect([status, said]).toEqual([0, expect.stringContaining('another program listens there')])
  await other.end('SIGTERM')
  await until('it listens', () => isUp())
  await control('lweb', 'stop')
  site.writeConfig('lweb')
})

test('another path of the cluster is followed, templates and files', async () => {
  await control('lweb', 'start')
  const path = join(site.cluster.directory, 'elsewhere')
  for (const name of ['templates', 'boot']) mkdirSync(join(path, name), { recursive: true })
  writeFileSync(join(path, 'templates', 'menu.ipxe'), '#!ipxe\necho elsewhere\n')
  writeFileSync(join(path, 'boot', 'file'), 'elsewhere')
  await site.onHead(process.execPath, join(repository, 'bin', 'luna.ts'), 'cluster', 'change', '--path', path)
  const base = 'http://127.0.0.1:7051'
  expect((await site.ask('head', '/boot/file', { base })).body).toBe('elsewhere')
  const menu = () =>
    site.ask('head', '/luna?step=boot', { base }).then(
      answer => answer.body,
      () => '',
    )
  await until('it has the other templates', async () => (await menu()) === '#!ipxe\necho elsewhere\n')
})

test('no cluster yet: it waits, and says so once', async () => {
  const config = readFileSync(site.configPath, 'utf8')
  writeFileSync(site.configPath, config.replace('/db/', '/later/'))
  const [status, said] = await control('lweb', 'start')
  expect([status, said]).toEqual([0, expect.stringContaining('lweb is waiting: there is no cluster yet')])
  const args = [
    'cluster',
    'init',
    '--frontend_address',
    '10.30.255.254',
    '--user',
    'nobody',
    '--path',
    site.cluster.directory,
  ]
  await site.onHead(process.execPath, join(repository, 'bin', 'luna.ts'), ...args)
  await until('it listens', () => isUp())
  const log = readFileSync(join(site.runDirectory, 'lweb.log'), 'utf8')
  expect(log.match(/is waiting/g)).toHaveLength(1)
})

test('a mistake in luna.conf is one line', async () => {
  writeFileSync(site.configPath, `${readFileSync(site.configPath, 'utf8')}colour = blue\n`)
  for (const action of ['start', 'run', 'status'])
    expect(await control('lweb', action)).toEqual([
      2,
      expect.stringMatching(/^lweb: [^\n]*unknown setting "colour"[^\n]*\n$/),
    ])
  site.writeConfig('lweb')
})

test('a download under way ends before lweb does', async () => {
  writeFileSync(join(site.cluster.directory, 'torrents', 'big'), Buffer.alloc(20_000_000))
  await control('lweb', 'start')
  const node = await site.node()
  const download = node.namespace.run(
    'curl',
    '-sS',
    '--limit-rate',
    '15M',
    '-w',
    '%{size_download}',
    '-o',
    '/dev/null',
    'http://10.30.255.254:7050/torrents/big',
  )
  await until('it runs', async () => /\b10\.30\.0\.1:/.test(await site.onHead('ss', '-Htn', 'state', 'established')))
  await control('lweb', 'stop')
  expect(await download).toBe('20000000')
})
