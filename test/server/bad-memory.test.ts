import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseMac } from '../../src/domain/mac.ts'
import { getCluster, putCluster } from '../../src/store/clusters.ts'
import { changeNode, pack1 } from '../boot-cluster.ts'
import { addMachine, type Machine } from './lweb/namespace.ts'
import { type Daemon, repository, Site, until, withToken } from './lweb/site.ts'
import { publishImage } from './swarm/published-image.ts'

const sizeBytes = 4 * 1024 * 1024
const bundle = join(repository, 'client', 'bundle')

let site: Site
let ltorrent: Daemon
let image: { path: string; infoHash: string }
const machines: Machine[] = []
const aborting = new AbortController()

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
    await changeNode(store, `node00${number}`, { mac })
    machines.push(await addMachine(site.head, `n${number}`, mac, [`10.30.0.${number}/16`]))
  }
})
afterAll(async () => {
  delete process.env['LUNA_SEEDER_UPLOAD_LIMIT']
  aborting.abort()
  for (const { namespace } of machines) await namespace.close()
  await site.close()
})

const luna = (...words: string[]) => site.onHead(process.execPath, join(repository, 'bin', 'luna.ts'), ...words)
const fileOf = (node: string) => join(site.cluster.directory, node, pack1.tarballFile)

/** The real client on a node, for the swarm alone. */
function clientOn(number: number): string[] {
  const node = `node00${number}`
  mkdirSync(join(site.cluster.directory, node))
  return machines[number - 1]!.namespace.inside(
    ...[join(bundle, 'ld.so'), '--library-path', join(bundle, 'lib'), join(bundle, 'luna-torrent')],
    ...['--torrent', join(site.cluster.directory, 'torrents', pack1.torrentFile), '--info-hash', image.infoHash],
    ...['--directory', join(site.cluster.directory, node), '--head', '10.30.255.254'],
    ...['--tracker', `http://10.30.255.254:7050/announce?node=${node}`],
  )
}

/** Changes a byte of every piece where it lies, as a disk or memory does that forgets. */
function spoil(path: string): void {
  const bytes = readFileSync(path)
  const file = openSync(path, 'r+')
  for (let at = 0; at < bytes.length; at += 64 * 1024) writeSync(file, Buffer.from([bytes[at]! ^ 1]), 0, 1, at)
  closeSync(file)
}

async function install(number: number): Promise<void> {
  const node = `node00${number}`
  const boot = await site.ask(machines[number - 1]!, `/luna?step=discovery&hwdata=|52:54:00:00:00:0${number}`)
  const [, token] = /luna\.token=(\S+)/.exec(boot.body)!
  const report = (step: string) =>
    site.ask(machines[number - 1]!, `/luna?step=install&node=${node}&status=${step}`, withToken(token!))
  await report('install.download')
  const [program, ...words] = clientOn(number)
  const client = spawn(program!, [...words, '--exit'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: aborting.signal,
  })
  const said = (await client.stdout.toArray()).join('').trim().split('\n').at(-1)!
  const { from_head, from_peers, banned } = JSON.parse(said)
  await report(`install.unpack&from_head=${from_head}&from_peers=${from_peers}&bad_peers=${banned.join()}`)
  expect(readFileSync(fileOf(node)).equals(readFileSync(image.path))).toBe(true)
}

test('a node whose memory forgets gives bad pieces to others: the head says which it is', async () => {
  const [program, ...words] = clientOn(3)
  const bad = spawn(program!, words, { stdio: ['ignore', 'pipe', 'inherit'], signal: aborting.signal })
  bad.on('error', () => {}) // its end
  let said = ''
  bad.stdout.on('data', (text: Buffer) => (said += text))
  await until('node003 has it', () => said.includes('"event":"seeding"'))
  spoil(fileOf('node003'))
  // a head so slow that nodes ask each other
  await ltorrent.end('SIGTERM')
  process.env['LUNA_SEEDER_UPLOAD_LIMIT'] = `${2 ** 19}`
  ltorrent = await site.daemon('ltorrent', /ltorrent is listening/)

  await Promise.all([install(1), install(2)])
  expect(await luna('node', 'show', 'node001')).toMatch(/install\.unpack: bad pieces came from node003$/m)
  expect(await luna('node', 'list', '--status')).toMatch(/^node002 +install\.unpack .* bad pieces came from node003$/m)
  await ltorrent.logged(
    /^boot storm over: 2 nodes .*; bad pieces between node003 and 2 others: test the memory of node003$/,
  )
  expect(await luna('osimage', 'storm')).toMatch(
    /^trouble +bad pieces between node003 and 2 others: test the memory of node003$/m,
  )
})
