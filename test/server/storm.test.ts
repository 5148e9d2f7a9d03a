import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseMac } from '../../src/domain/mac.ts'
import { getCluster, putCluster } from '../../src/store/clusters.ts'
import { changeNode, pack1 } from '../boot-cluster.ts'
import { addMachine, type Machine } from './lweb/namespace.ts'
import { type Daemon, repository, Site, until, withToken } from './lweb/site.ts'
import { publishImage } from './swarm/published-image.ts'

const sizeBytes = 12 * 1024 * 1024
const bundle = join(repository, 'client', 'bundle')

let site: Site
let ltorrent: Daemon
let image: { path: string; infoHash: string }
const machines: Machine[] = []

beforeAll(async () => {
  site = await Site.open()
  const { store } = site.cluster
  await store.write(async tx =>
    putCluster(tx, { ...(await getCluster(tx)), trackerInterval: 2, trackerMinInterval: 1 }),
  )
  image = await publishImage(site, sizeBytes)
  ltorrent = await site.daemon('ltorrent', /ltorrent is listening/)
  await site.daemon('lweb', /lweb listens on/)
  for (const number of [1, 2, 3]) {
    const mac = parseMac(`52:54:00:00:00:0${number}`)
    await changeNode(site.cluster.store, `node00${number}`, { mac })
    machines.push(await addMachine(site.head, `n${number}`, mac, [`10.30.0.${number}/16`]))
  }
  // node002 hangs on a bad cable, until the others have it
  await setCable('add', '1500kbit')
})
afterAll(async () => {
  for (const { namespace } of machines) await namespace.close()
  await site.close()
})

const setCable = (verb: 'add' | 'change', rate: string) =>
  site.head.run(
    ...['tc', 'qdisc', verb, 'dev', 'n2', 'root', 'tbf'],
    ...['rate', rate, 'burst', '70000', 'latency', '1s'],
  )
const luna = (...words: string[]) => site.onHead(process.execPath, join(repository, 'bin', 'luna.ts'), ...words)
const stateOf = async (node: string) =>
  (JSON.parse(await luna('node', 'list', '--status', '--json')) as Record<string, unknown>[]).find(
    ({ name }) => name === node,
  )!

/** The way of a node from its boot script to the end of its download, with the real client; the steps as its script reports them. */
async function install(number: number): Promise<void> {
  const machine = machines[number - 1]!
  const node = `node00${number}`
  const boot = await site.ask(machine, `/luna?step=discovery&hwdata=|52:54:00:00:00:0${number}`)
  const [, token] = /luna\.token=(\S+)/.exec(boot.body)!
  const report = async (step: string) => {
    const path = `/luna?step=install&node=${node}&status=${step}`
    expect((await site.ask(machine, path, withToken(token!))).body).toBe('ok\n')
  }
  await report('install.download')
  const directory = join(site.cluster.directory, node)
  mkdirSync(directory)
  const client = [join(bundle, 'ld.so'), '--library-path', join(bundle, 'lib'), join(bundle, 'luna-torrent')]
  const said = await machine.namespace.run(
    ...[...client, '--torrent', join(site.cluster.directory, 'torrents', pack1.torrentFile)],
    ...['--info-hash', image.infoHash, '--directory', directory, '--head', '10.30.255.254', '--exit'],
    ...['--tracker', `http://10.30.255.254:7050/announce?node=${node}`],
  )
  const { from_head, from_peers, from_web } = JSON.parse(said.trim().split('\n').at(-1)!)
  await report(`install.unpack&from_head=${from_head}&from_peers=${from_peers}&from_web=${from_web}`)
  await report('install.success')
  expect(readFileSync(join(directory, pack1.tarballFile)).equals(readFileSync(image.path))).toBe(true)
}

test('what is going on is seen while it goes on, and told when it is over, though ltorrent was killed meanwhile', async () => {
  expect(await luna('osimage', 'storm')).toContain('no boot storm yet')
  const early = [install(1), install(2)]
  let live: Record<string, unknown> = {}
  await until('node002 is seen to fetch', async () => {
    live = await stateOf('node002')
    return Number(live['percent']) > 5 && Number(live['from_peers_percent']) > 0
  })
  expect(live).toMatchObject({ state: 'booting', step: 'install.download', message: null, group: 'compute' })
  expect(live['percent']).toBeLessThan(100)
  expect(live['rate']).toBeGreaterThan(0)
  expect(await luna('node', 'list', '--status')).toMatch(/^node002 +install\.download +\d+ s +\d+ % +[\d.]+ +\d+ %/m)

  await ltorrent.end('SIGKILL')
  ltorrent = await site.daemon('ltorrent', /ltorrent is listening/)
  await sleep(6000) // late is who begins five seconds after the first
  await install(3)
  await setCable('change', '50mbit')
  await Promise.all(early)
  await ltorrent.logged(
    /^boot storm over: 3 nodes had compute, generation 2, after \d+\.\d s; the head sent \d\.\d+ copies/,
  )

  const [storm] = JSON.parse(await luna('osimage', 'storm', 'compute', '--json'))
  expect(storm).toMatchObject({ osimage: 'compute', generation: 2, size_bytes: sizeBytes, nodes: 3, unfinished: 0 })
  expect(storm.copies).toBeGreaterThanOrEqual(1)
  expect(storm.from_head_bytes + storm.from_peers_bytes).toBeGreaterThanOrEqual(3 * sizeBytes)
  expect(storm.ended_at_ms - storm.began_at_ms).toBeGreaterThan(storm.median_ms)
  const why = new Map(storm.slowest.map((one: { node: string; reasons: string[] }) => [one.node, one.reasons.join()]))
  expect(why.get('node001')).toBe('')
  expect(why.get('node002')).toMatch(/^slow: half of the nodes had [\d.]+ MB\/s or more$/)
  expect(why.get('node003')).toMatch(/^began \d+ s after the first$/)
  const text = await luna('osimage', 'storm')
  expect(text).toMatch(/^nodes +3$/m)
  expect(text).toMatch(/^node002 .* slow: half/m)
  expect(text.split('\n').length).toBeLessThan(24)
})
