import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeBootFile } from '../boot-cluster.ts'
import type { Machine } from './lweb/namespace.ts'
import { type Ask, type Daemon, frontend, Site, until } from './lweb/site.ts'

const image = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251))
const text = image.toString('latin1')

/** Nothing when it was closed meanwhile. */
function targetOf(link: string): string[] {
  try {
    return [readlinkSync(link)]
  } catch {
    return []
  }
}

describe.each(['lweb', 'nginx'] as const)('files from %s', front => {
  let site: Site
  let node: Machine
  let lweb: Daemon
  const ask = (path: string, how?: Ask) => site.ask(node, path, how)
  const range = (value: string): Ask => ({ headers: { Range: value } })

  beforeAll(async () => {
    site = await Site.open({ frontend: front })
    node = await site.node()
    writeBootFile(site.cluster, 'torrents/compute-1.tar.zst', image)
    writeBootFile(site.cluster, 'torrents/.compute-2.tar.zst', 'unfinished')
    writeBootFile(site.cluster, 'torrents/empty', '')
    writeBootFile(site.cluster, 'torrents/large', Buffer.alloc(30_000_000))
    writeBootFile(site.cluster, 'boot/compute-1-vmlinuz', 'kernel')
    writeBootFile(site.cluster, 'secret', 'secret')
    symlinkSync('compute-1-vmlinuz', join(site.cluster.directory, 'boot', 'compute-vmlinuz-6.1.0-18+b1~rc1'))
    mkdirSync(join(site.cluster.directory, 'boot', 'directory'))
    writeBootFile(site.cluster, 'boot/directory/file', 'deep')
    execFileSync('mkfifo', [join(site.cluster.directory, 'boot', 'fifo')])
    symlinkSync('../secret', join(site.cluster.directory, 'boot', 'outside'))
    lweb = await site.daemon('lweb', /lweb listens on/)
    if (front === 'nginx') await site.nginx()
  })
  afterAll(() => site.close())

  test('whole', async () => {
    const { status, headers, body } = await ask('/torrents/compute-1.tar.zst')
    expect(status).toBe(200)
    expect(headers.get('content-length')).toBe('300000')
    expect(headers.get('accept-ranges')).toBe('bytes')
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('cache-control')).toBe('no-cache')
    expect(body === text).toBe(true)
    expect((await ask('/torrents/empty')).headers.get('content-length')).toBe('0')
  })

  test('by the name that people know', async () => {
    expect((await ask('/boot/compute-vmlinuz-6.1.0-18+b1~rc1')).body).toBe('kernel')
  })

  test('HEAD tells the size and sends nothing', async () => {
    const { status, headers, body } = await ask('/torrents/compute-1.tar.zst', { method: 'HEAD' })
    expect([status, headers.get('content-length'), body]).toEqual([200, '300000', ''])
    expect((await ask('/torrents/none', { method: 'HEAD' })).status).toBe(404)
  })

  test.each([
    ['bytes=0-0', 0, 0],
    ['bytes=100-199', 100, 199],
    ['bytes=299999-', 299_999, 299_999],
    ['bytes=299000-999999999', 299_000, 299_999],
    ['bytes=-10', 299_990, 299_999],
    ['bytes=-999999999', 0, 299_999],
  ])('range %s', async (value, first, last) => {
    const { status, headers, body } = await ask('/torrents/compute-1.tar.zst', range(value))
    expect(status).toBe(206)
    expect(headers.get('content-range')).toBe(`bytes ${first}-${last}/300000`)
    expect(headers.get('content-length')).toBe(String(last - first + 1))
    expect(body === text.slice(first, last + 1)).toBe(true)
  })

  test('a range behind the end', async () => {
    const { status, headers } = await ask('/torrents/compute-1.tar.zst', range('bytes=300000-'))
    expect([status, headers.get('content-range')]).toEqual([416, 'bytes */300000'])
  })

  test('other units are ignored', async () => {
    expect((await ask('/torrents/compute-1.tar.zst', range('pieces=0-1'))).status).toBe(200)
  })

  test('what one has already, and what has changed since', async () => {
    const path = '/torrents/compute-1.tar.zst'
    const { headers } = await ask(path)
    const etag = headers.get('etag')!
    const again = await ask(path, { headers: { 'If-None-Match': etag } })
    expect([again.status, again.body]).toEqual([304, ''])
    const modified = headers.get('last-modified')!
    expect((await ask(path, { headers: { 'If-Modified-Since': modified } })).status).toBe(304)
    const before = { 'If-Modified-Since': modified, 'If-None-Match': '"other"' }
    expect((await ask(path, { headers: before })).status).toBe(200)
    expect((await ask(path, { headers: { Range: 'bytes=0-1', 'If-Range': etag } })).status).toBe(206)
    expect((await ask(path, { headers: { Range: 'bytes=0-1', 'If-Range': '"other"' } })).status).toBe(200)
  })

  test.each([
    '/boot/none',
    '/boot/',
    '/boot',
    '/boot/directory',
    '/boot/directory/file',
    '/boot/../secret',
    '/boot/..%2fsecret',
    '/boot/%2e%2e/secret',
    '/boot//etc/passwd',
    '/torrents/../../../../etc/passwd',
    '/torrents/.compute-2.tar.zst',
    '/torrents/%2ecompute-2.tar.zst',
    '/boot/compute-1-vmlinuz%00',
    '/secret',
    '/luna.conf',
    '/db/luna.db',
  ])('not %s', async path => {
    const { status, body } = await ask(path)
    expect([400, 404]).toContain(status)
    expect(body).not.toMatch(/secret|unfinished|deep|root:/)
  })

  test.runIf(front === 'lweb')('not what a link outside leads to, nor a pipe', async () => {
    expect((await ask('/boot/outside')).status).toBe(404)
    expect((await ask('/boot/fifo')).status).toBe(404)
  })

  test.runIf(front === 'lweb')('readers that go in the middle leave nothing open', async () => {
    const pid = readFileSync(join(site.runDirectory, 'lweb.pid'), 'utf8').split(/\s/, 1)[0]
    const open = () => readdirSync(`/proc/${pid}/fd`).flatMap(fd => targetOf(`/proc/${pid}/fd/${fd}`))
    const url = `http://${frontend}:7050/torrents/large`
    const reading = 'for _ in $(seq 20); do curl -sN "$0" | head -c 100000 | wc -c & done; wait'
    expect((await node.namespace.run('sh', '-c', reading, url)).trim().split(/\s+/)).toEqual(Array(20).fill('100000'))
    await until('lweb closes the file', () => !open().some(path => path.endsWith('/large')))
    expect((await ask('/boot/compute-1-vmlinuz')).body).toBe('kernel')
  })

  test.runIf(front === 'lweb')('a file that is cut short under its reader is told in the log', async () => {
    writeBootFile(site.cluster, 'torrents/cut', Buffer.alloc(30_000_000))
    const url = `http://${frontend}:7050/torrents/cut`
    const [program, ...words] = node.namespace.inside('curl', '-sN', '--limit-rate', '1M', url)
    const reader = spawn(program!, words, { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(reader.stdout, 'data')
    truncateSync(join(site.cluster.directory, 'torrents', 'cut'))
    await lweb.logged(/^\/torrents\/cut cannot be read to its end: it was cut short/)
    reader.kill()
  })

  test('an image is whole while ltorrent gives it to nodes as well', async () => {
    writeFileSync(join(site.runDirectory, 'swarm'), '')
    expect((await ask('/torrents/compute-1.tar.zst')).body === text).toBe(true)
    expect((await ask('/torrents/compute-1.tar.zst', range('bytes=100-299'))).body).toBe(text.slice(100, 300))
    rmSync(join(site.runDirectory, 'swarm'))
  })

  test.runIf(front === 'nginx')('then eight at once get it by HTTP, and kernels go to whoever asks', async () => {
    writeBootFile(site.cluster, 'torrents/larger', Buffer.alloc(64 << 20))
    writeFileSync(join(site.runDirectory, 'swarm'), '')
    const eight = Array.from({ length: 8 }, () => {
      const [program, ...words] = node.namespace.inside('curl', '-s', `http://${frontend}:7050/torrents/larger`)
      return spawn(program!, words, { stdio: ['ignore', 'pipe', 'ignore'] })
    })
    await Promise.all(eight.map(({ stdout }) => once(stdout!, 'data')))
    expect((await ask('/torrents/compute-1.tar.zst')).status).toBe(503)
    expect((await ask('/boot/compute-1-vmlinuz')).status).toBe(200)
    rmSync(join(site.runDirectory, 'swarm'))
    expect((await ask('/torrents/compute-1.tar.zst')).status).toBe(200)
    for (const one of eight) one.kill()
  })

  test('nothing is written', async () => {
    expect((await ask('/boot/compute-1-vmlinuz', { method: 'POST', body: 'x' })).status).toBeGreaterThanOrEqual(404)
    expect((await ask('/boot/compute-1-vmlinuz')).body).toBe('kernel')
  })
})
