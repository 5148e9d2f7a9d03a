import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { osimageDefaults } from '../../src/domain/osimage.ts'
import { addGroup } from '../../src/operations/groups.ts'
import { addNodes, changeNodes } from '../../src/operations/nodes.ts'
import { insertOsimage } from '../../src/store/osimages.ts'
import { type Daemon, until } from './lweb/site.ts'
import { type PublishedImage, publishImage } from './swarm/published-image.ts'
import { SwarmSite } from './swarm/swarm-site.ts'

const mib = 1024 * 1024

let swarm: SwarmSite
let ltorrent: Daemon
let lweb: Daemon
const images = new Map<string, PublishedImage>()

beforeAll(async () => {
  // slow enough that there is something to see
  process.env['LUNA_SEEDER_UPLOAD_LIMIT'] = `${mib}`
  swarm = await SwarmSite.open()
  const { cluster } = swarm.site
  const path = join(cluster.directory, 'os', 'login')
  await cluster.store.write(tx =>
    insertOsimage(tx, { ...osimageDefaults, name: 'login', path, grabExcludeList: '', comment: '' }),
  )
  images.set('compute', await publishImage(swarm.site, 8 * mib))
  images.set('login', await publishImage(swarm.site, 12 * mib, 'login'))
  await addGroup(cluster, { name: 'login', osimage: 'login', network: 'cluster' })
  await addNodes(cluster, { names: ['node004'], group: 'compute' })
  await changeNodes(cluster, ['node003', 'node004'], { group: 'login' })
  ltorrent = await swarm.site.daemon('ltorrent', /ltorrent is listening/)
  lweb = await swarm.site.daemon('lweb', /lweb listens on/)
  for (const number of [1, 2, 3, 4]) await swarm.addMachine(number)
})
afterAll(async () => {
  delete process.env['LUNA_SEEDER_UPLOAD_LIMIT']
  await swarm.close()
})

const downloads = async () =>
  (JSON.parse(await swarm.luna('node', 'list', '--status', '--json')) as { name: string; percent: number | null }[])
    .filter(({ percent }) => percent !== null && percent > 0)
    .map(({ name }) => name)

test('two images at once, each with its own storm, though both daemons were restarted meanwhile', async () => {
  const nodes = ['node001', 'node002', 'node003', 'node004']
  const installed = [1, 2, 3, 4].map(number => swarm.install(number, images.get(number > 2 ? 'login' : 'compute')!))
  await until('all four are seen', async () => (await downloads()).join() === nodes.join())
  await lweb.end('SIGKILL')
  await ltorrent.end('SIGKILL')
  ltorrent = await swarm.site.daemon('ltorrent', /ltorrent is listening/)
  lweb = await swarm.site.daemon('lweb', /lweb listens on/)
  await until('all four are seen again', async () => (await downloads()).join() === nodes.join())
  await Promise.all(installed)
  expect(await downloads()).toEqual([])
  for (const name of ['compute', 'login']) await ltorrent.logged(new RegExp(`^boot storm over: 2 nodes had ${name}, `))
  expect(ltorrent.log.filter(line => line.startsWith('boot storm over'))).toHaveLength(2)
  const storms = JSON.parse(await swarm.luna('osimage', 'storm', '--json'))
  expect(storms.map(({ osimage, nodes }: { osimage: string; nodes: number }) => [osimage, nodes]).toSorted()).toEqual([
    ['compute', 2],
    ['login', 2],
  ])
  for (const storm of storms) {
    expect(storm.size_bytes).toBe(storm.osimage === 'login' ? 12 * mib : 8 * mib)
    expect(storm.copies).toBeGreaterThanOrEqual(1)
    expect(storm.from_head_bytes + storm.from_peers_bytes).toBeGreaterThanOrEqual(2 * storm.size_bytes)
  }
  expect(await swarm.luna('osimage', 'storm', 'login')).toMatch(/^image +login, generation \d+, 12(\.0)? MiB$/m)
  expect(await swarm.luna('osimage', 'storm')).toMatch(/^Before +Image +Nodes/m)
})
