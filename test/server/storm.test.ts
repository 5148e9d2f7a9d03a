import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pack1 } from '../boot-cluster.ts'
import { type Daemon, until } from './lweb/site.ts'
import { type PublishedImage, publishImage } from './swarm/published-image.ts'
import { SwarmSite } from './swarm/swarm-site.ts'

const sizeBytes = 12 * 1024 * 1024

let swarm: SwarmSite
let ltorrent: Daemon
let image: PublishedImage

beforeAll(async () => {
  swarm = await SwarmSite.open()
  image = await publishImage(swarm.site, sizeBytes)
  ltorrent = await swarm.site.daemon('ltorrent', /ltorrent is listening/)
  await swarm.site.daemon('lweb', /lweb listens on/)
  for (const number of [1, 2, 3]) await swarm.addMachine(number)
  // node002 hangs on a bad cable, until the others have it
  await setCable('add', '3mbit')
})
afterAll(() => swarm.close())

const setCable = (verb: 'add' | 'change', rate: string) =>
  swarm.site.head.run(
    ...['tc', 'qdisc', verb, 'dev', 'n2', 'root', 'tbf'],
    ...['rate', rate, 'burst', '70000', 'latency', '1s'],
  )
const stateOf = async (node: string) =>
  (JSON.parse(await swarm.luna('node', 'list', '--status', '--json')) as Record<string, unknown>[]).find(
    ({ name }) => name === node,
  )!

async function install(number: number): Promise<void> {
  await swarm.install(number, image)
  const arrived = readFileSync(join(swarm.directoryOf(number), pack1.tarballFile))
  expect(arrived.equals(readFileSync(image.path))).toBe(true)
}

test('what is going on is seen while it goes on, and told when it is over, though ltorrent was killed meanwhile', async () => {
  expect(await swarm.luna('osimage', 'storm')).toContain('no boot storm yet')
  const early = [install(1), install(2)]
  let live: Record<string, unknown> = {}
  await until('node002 is seen to fetch', async () => {
    live = await stateOf('node002')
    return Number(live['percent']) > 5 && Number(live['rate']) > 0
  })
  expect(live).toMatchObject({ state: 'booting', step: 'install.download', message: null, group: 'compute' })
  expect(live['percent']).toBeLessThan(100)
  expect(await swarm.luna('node', 'list', '--status')).toMatch(
    /^node002 +install\.download +\d+ s +\d+ % +[\d.]+ +\d+ %/m,
  )

  await ltorrent.end('SIGKILL')
  ltorrent = await swarm.site.daemon('ltorrent', /ltorrent is listening/)
  await sleep(6000) // late is who begins five seconds after the first
  await install(3)
  await setCable('change', '50mbit')
  await Promise.all(early)
  await ltorrent.logged(
    /^boot storm over: 3 nodes had compute, generation 2, after \d+\.\d s; the head sent \d\.\d+ copies/,
  )

  const [storm] = JSON.parse(await swarm.luna('osimage', 'storm', 'compute', '--json'))
  expect(storm).toMatchObject({ osimage: 'compute', generation: 2, size_bytes: sizeBytes, nodes: 3, unfinished: 0 })
  expect(storm.copies).toBeGreaterThanOrEqual(1)
  expect(storm.from_head_bytes + storm.from_peers_bytes).toBeGreaterThanOrEqual(3 * sizeBytes)
  expect(storm.ended_at_ms - storm.began_at_ms).toBeGreaterThan(storm.median_ms)
  const why = new Map(storm.slowest.map((one: { node: string; reasons: string[] }) => [one.node, one.reasons.join()]))
  expect(why.get('node001')).toBe('')
  expect(why.get('node002')).toMatch(/^slow: half of the nodes had [\d.]+ MB\/s or more$/)
  expect(why.get('node003')).toMatch(/^began \d+ s after the first$/)
  const text = await swarm.luna('osimage', 'storm')
  expect(text).toMatch(/^nodes +3$/m)
  expect(text).toMatch(/^node002 .* slow: half/m)
  expect(text.split('\n').length).toBeLessThan(24)
})
