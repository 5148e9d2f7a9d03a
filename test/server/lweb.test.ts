import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { macs } from '../boot-cluster.ts'
import type { Machine } from './lweb/namespace.ts'
import { type Ask, asRoot, type Daemon, frontend, Site, strangersMac } from './lweb/site.ts'

let site: Site
let node: Machine
let lweb: Daemon
const ask = (path: string, how?: Ask) => site.ask(node, path, how)
const discovery = `/luna?step=discovery&hwdata=|${macs[0]}`

beforeAll(async () => {
  site = await Site.open()
  node = await site.node()
  lweb = await site.daemon('lweb', /lweb listens on/)
})
afterAll(() => site.close())

test.each([
  ['/luna', 400, 'the request lacks step=\n'],
  ['/luna?step=', 400, 'the request lacks step=\n'],
  ['/luna?step=toString', 400, 'there is no step "toString"; there are boot, choose, discovery and install\n'],
  ['/luna?step=install', 400, 'the request lacks node=\n'],
  ['/luna?step=discovery&type=elilo', 400, 'there is no type "elilo"; there are ipxe and syslinux\n'],
  ['/luna?step=install&node=node001&status=install.success&uptime=-1', 400, 'uptime must be a number, not "-1"\n'],
  ['/nothing', 404, 'there is nothing at this address\n'],
  ['/', 404, 'there is nothing at this address\n'],
  ['/announce', 503, 'the tracker does not answer; run: ltorrent start\n'],
])('%s: %i and one line', async (path, status, body) => {
  const answer = await ask(path, asRoot)
  expect([answer.status, answer.body]).toEqual([status, body])
})

test('a query or header beyond measure is refused', async () => {
  expect((await ask(`/luna?step=discovery&hwdata=${'x'.repeat(20_000)}`)).status).toBe(431)
  expect((await ask('/luna?step=boot', { headers: { 'Luna-Token': 'x'.repeat(20_000) } })).status).toBe(431)
})

test('HEAD begins no boot', async () => {
  expect((await ask(discovery, { method: 'HEAD' })).status).toBe(404)
})

test('an asset tag with an & in it, as iPXE sends it', async () => {
  const { body } = await ask(`/luna?step=discovery&hwdata=AT&T%20%23%|x|${macs[0].replaceAll(':', '%3A')}`)
  expect(body).toContain('luna.node=node001 ')
})

test('a machine that it does not know is kept for the head; one that is a node is not', async () => {
  const stranger = await site.stranger()
  expect((await site.ask(stranger, `/luna?step=discovery&serial=S1&hwdata=|${strangersMac}`)).status).toBe(404)
  await ask(discovery)
  const luna = ['bin/luna.ts', 'node', 'discover', '--json']
  await expect
    .poll(async () => JSON.parse(await site.onHead(process.execPath, ...luna)))
    .toMatchObject([{ mac: strangersMac, address: '10.30.0.99', serial: 'S1', waiting: true }])
})

test('settings count at once', async () => {
  const run = (...args: string[]) => site.onHead(process.execPath, 'bin/luna.ts', 'node', 'change', 'node001', ...args)
  await run('--localboot', 'y')
  expect((await ask(discovery)).body).toContain('sanboot')
  await run('--localboot', 'n', '--service', 'y')
  expect((await ask(discovery)).body).toContain('luna.service=1')
  await run('--service', 'n')
  expect((await ask(discovery)).body).toContain('luna.service=0')
})

test("a site's own template counts at once; a mistake in it is told on the machine's console", async () => {
  const directory = join(site.cluster.directory, 'templates')
  mkdirSync(directory)
  writeFileSync(join(directory, 'node.ipxe'), '#!ipxe\necho site {{ node }}\n')
  expect((await ask(discovery)).body).toBe('#!ipxe\necho site node001\n')
  writeFileSync(join(directory, 'node.ipxe'), '#!ipxe\n{{ nodename }}\n')
  const { status, body } = await ask(discovery)
  expect(status).toBe(200)
  expect(body).toMatch(/echo Luna: template .*node\.ipxe, line 2: undefined variable: nodename\n/)
  rmSync(directory, { recursive: true })
})

test('an image that is not packed is told on the console, and to an lpxelinux by the status', async () => {
  await site.cluster.store.write(tx => tx.updateTable('osimage').set({ packId: null }).execute())
  const { status, body } = await ask(discovery)
  expect([status, body]).toEqual([
    200,
    expect.stringContaining('\necho Luna: osimage "compute" is not packed; run: luna osimage pack compute\n'),
  ])
  expect(await ask(`${discovery}&type=syslinux`)).toMatchObject({
    status: 503,
    body: expect.stringContaining('not packed'),
  })
})

test('what strangers can do to the log is bounded', async () => {
  const before = lweb.log.length
  const url = `http://${frontend}:7050/luna?step=discovery&hwdata=|52:54:00:00:00:77|&try=[1-200]`
  await node.namespace.run('curl', '--silent', '--output', '/dev/null', url)
  // twenty in ten seconds, of which two may have been begun, and how many more there were
  expect(lweb.log.length - before).toBeLessThanOrEqual(41)
})
