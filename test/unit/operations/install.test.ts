import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseAddress } from '../../../src/domain/address.ts'
import type { Caller } from '../../../src/domain/caller.ts'
import { parseHardware } from '../../../src/domain/hardware.ts'
import type { StepReport } from '../../../src/domain/install.ts'
import { parseMac } from '../../../src/domain/mac.ts'
import type { LunaError } from '../../../src/errors.ts'
import { addBmcsetup } from '../../../src/operations/bmcsetups.ts'
import { bootNode } from '../../../src/operations/boot.ts'
import { changeGroup } from '../../../src/operations/groups.ts'
import { installScript, showInstallScript } from '../../../src/operations/install-script.ts'
import { publishedTorrents } from '../../../src/operations/published-torrents.ts'
import { reportStep } from '../../../src/operations/report.ts'
import { listBootEvents } from '../../../src/store/boots.ts'
import { getNode } from '../../../src/store/nodes.ts'
import { type BootCluster, changeNode, createBootCluster, macs, pack1, publish } from '../../boot-cluster.ts'

let cluster: BootCluster
let token: string
const node: Caller = { address: parseAddress('10.30.0.1'), port: 700, own: false, neighbours: [macs[0]] }
const head: Caller = { address: parseAddress('10.30.255.254'), port: 700, own: true, neighbours: undefined }
const hour = 60 * 60 * 1000

beforeEach(async () => {
  cluster = await createBootCluster()
  await addBmcsetup(cluster, 'base', { password: 'secret-of-the-bmc' })
  await changeGroup(cluster, 'compute', {}, { name: 'BMC', verb: 'setnet', network: 'ipmi' })
  await changeGroup(cluster, 'compute', { bmcsetup: 'base' })
  token = await boot()
})
afterEach(() => cluster.close())

async function boot(): Promise<string> {
  const script = await bootNode(cluster, {
    hardware: parseHardware(`|${macs[0]}`),
    node: undefined,
    loader: 'ipxe',
    caller: { ...node, port: 5000 },
  })
  return /luna\.token=(\S+)/.exec(script)![1]!
}

const errorOf = (promise: Promise<unknown>): Promise<LunaError> =>
  promise.then(
    () => undefined as never,
    error => error,
  )
const ask = (change: { node?: string; token?: string | undefined; caller?: Caller } = {}) =>
  installScript(cluster, { node: 'node001', token, caller: node, ...change })
const eventsOf = (name: string) => cluster.store.read(async tx => listBootEvents(tx, (await getNode(tx, name)).id))
const unsaid = { uptimeS: undefined, fromHeadBytes: undefined, fromPeersBytes: undefined, fromWebBytes: undefined }
const nothingFailed = { badPeers: [], failedStep: undefined, exitStatus: undefined, message: undefined }
const report = (
  step: StepReport['step'],
  change: Partial<StepReport> & { caller?: Caller; token?: string | undefined } = {},
) => {
  const { caller = node, token: sent, ...rest } = { token, ...change }
  const said = { step, ...unsaid, ...nothingFailed, ...rest }
  return reportStep(cluster, { node: 'node001', token: sent, caller, report: said })
}

const refusals: [string, { token?: string | undefined; caller?: Caller }][] = [
  ['without a token', { token: undefined }],
  ['with a token that was never made', { token: '0'.repeat(64) }],
  ['from a port that any user may have', { caller: { ...node, port: 1024 } }],
  ['from a machine with another MAC', { caller: { ...node, neighbours: [parseMac('52:54:00:00:00:99')] } }],
  ['from a machine whose MAC the head does not see', { caller: { ...node, neighbours: [] } }],
]

describe('who gets the install script', () => {
  test('root on the node in its present boot', async () => {
    const script = await ask()
    expect(script).toContain('secret-of-the-bmc')
    expect(script).toContain('secret-of-the-bmc')
    expect((await eventsOf('node001')).map(event => event.step)).toEqual(['boot.request', 'install.request'])
  })

  test('the same behind a router', async () => {
    expect(await ask({ caller: { ...node, neighbours: undefined } })).toContain('secret-of-the-bmc')
  })

  test.each(refusals)('not %s', async (_case, change) => {
    expect(await errorOf(ask(change))).toMatchObject({ kind: 'forbidden' })
    expect(await errorOf(report('install.download', change))).toMatchObject({ kind: 'forbidden' })
    expect((await eventsOf('node001')).map(event => event.step)).toEqual(['boot.request'])
  })

  test("not another node with this one's token", async () => {
    await changeNode(cluster.store, 'node002', { mac: macs[1] })
    const other = { ...node, neighbours: [macs[1]] }
    expect(await errorOf(ask({ node: 'node002', caller: other }))).toMatchObject({ kind: 'forbidden' })
    expect(await errorOf(ask({ caller: other }))).toMatchObject({ kind: 'forbidden' })
  })

  test("the head's own address, without secrets and without a trace", async () => {
    const script = await ask({ token: undefined, caller: head })
    expect(script).not.toContain('secret-of-the-bmc')
    expect(script).toContain('***')
    expect(await ask({ caller: head })).not.toContain('secret-of-the-bmc')
    expect(await errorOf(report('install.success', { caller: head }))).toMatchObject({ kind: 'forbidden' })
    expect((await eventsOf('node001')).map(event => event.step)).toEqual(['boot.request'])
  })

  test("root's command line, with secrets but no token", async () => {
    const script = await showInstallScript(cluster, 'node001')
    expect(script).toContain('secret-of-the-bmc')
    expect(script).not.toContain(token)
  })

  test('nobody for a node that does not exist', async () => {
    expect(await errorOf(ask({ node: 'node999' }))).toMatchObject({ kind: 'notFound' })
  })

  test('a boot whose image is gone must begin again', async () => {
    await cluster.store.write(tx => tx.updateTable('boot').set({ packId: null }).execute())
    expect(await errorOf(ask())).toMatchObject({ kind: 'forbidden', message: expect.stringContaining('boot again') })
  })
})

describe('the life of a token', () => {
  test('ends with install.success', async () => {
    await ask()
    await report('install.success')
    expect(await errorOf(ask())).toMatchObject({ kind: 'forbidden' })
    expect(await errorOf(report('install.download'))).toMatchObject({ kind: 'forbidden' })
  })

  test('the report of success may come twice: its answer was lost', async () => {
    await report('install.success')
    await report('install.success')
    expect((await eventsOf('node001')).map(event => event.step)).toEqual(['boot.request', 'install.success'])
  })

  test('ends a day after its last use', async () => {
    cluster.now += 23 * hour
    await ask()
    cluster.now += 23 * hour
    await ask()
    cluster.now += 25 * hour
    expect(await errorOf(ask())).toMatchObject({ kind: 'forbidden' })
  })

  test('one boot ends, the other goes on', async () => {
    const other = await boot()
    await report('install.success')
    expect(await ask({ token: other })).toContain('luna_install')
  })
})

describe('setting up the BMC', () => {
  const addressed = /luna_bmc|10\.31\.0\.1/
  test('only where the node wants it', async () => {
    expect(await showInstallScript(cluster, 'node001')).toMatch(addressed)
    await changeNode(cluster.store, 'node001', { setupbmc: false })
    expect(await showInstallScript(cluster, 'node001')).not.toContain('secret-of-the-bmc')
  })

  test('only where the group says how', async () => {
    await changeGroup(cluster, 'compute', { bmcsetup: undefined })
    expect(await showInstallScript(cluster, 'node001')).not.toMatch(/10\.31\.0\.1/)
  })
})

describe('reports', () => {
  test('carry numbers', async () => {
    await report('install.unpack', { uptimeS: 33.5, fromHeadBytes: 1e9, fromPeersBytes: 2e9, fromWebBytes: 5e8 })
    const [, event] = await eventsOf('node001')
    expect(event).toMatchObject({
      uptimeS: 33.5,
      fromHeadBytes: 1e9,
      fromPeersBytes: 2e9,
      fromWebBytes: 5e8,
      atMs: cluster.now,
    })
  })

  test('that come again are recorded once', async () => {
    await report('install.download')
    await report('install.download')
    await report('install.unpack')
    expect((await eventsOf('node001')).map(event => event.step)).toEqual([
      'boot.request',
      'install.download',
      'install.unpack',
    ])
  })

  test('of failure tell what failed, in plain text', async () => {
    const message = 'tar: short read\u001b[31m red\u001b[0m\u0007\n'
    await report('install.failed', { failedStep: 'install.unpack', exitStatus: 2, message })
    const [, event] = await eventsOf('node001')
    expect(event!.message).toBe('install.unpack failed with status 2: tar: short read red\ntar: short read red')
  })

  test('name whom bad pieces came from, as far as that is known', async () => {
    const badPeers = ['10.30.0.2', '10.30.255.254', '10.99.0.1'].map(parseAddress)
    await report('install.unpack', { badPeers })
    await report('install.unpack', { badPeers })
    const [, ...events] = await eventsOf('node001')
    expect(events.map(({ message }) => message)).toEqual(['bad pieces came from node002, the head, 10.99.0.1'])
  })

  test('do not fill the disk', async () => {
    for (let count = 0; count < 250; count++)
      await report('install.failed', { failedStep: 'install.unpack', exitStatus: count })
    expect((await eventsOf('node001')).length).toBe(200)
  })
})

describe('what is seeded', () => {
  const hashes = async () => (await publishedTorrents(cluster)).map(torrent => torrent.infoHash)

  test('the present generation, and the one before while somebody boots with it', async () => {
    await publish(cluster.store, { ...pack1, createdAtMs: 2, infoHash: 'f'.repeat(40) })
    expect(await hashes()).toEqual(['f'.repeat(40), pack1.infoHash])
    await report('install.success')
    expect(await hashes()).toEqual(['f'.repeat(40)])
  })

  test('one torrent once, though two generations share it', async () => {
    await publish(cluster.store, { ...pack1, createdAtMs: 2, kernelFile: 'compute-2-vmlinuz' })
    expect(await hashes()).toEqual([pack1.infoHash])
  })
})
