import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseMac } from '../../src/domain/mac.ts'
import { osimageDefaults } from '../../src/domain/osimage.ts'
import { addGroup } from '../../src/operations/groups.ts'
import { addNodes, changeNodes } from '../../src/operations/nodes.ts'
import { getCluster, putCluster } from '../../src/store/clusters.ts'
import { insertOsimage } from '../../src/store/osimages.ts'
import { changeNode } from '../boot-cluster.ts'
import { addMachine, type Machine } from './lweb/namespace.ts'
import { type Daemon, repository, Site, until, withToken } from './lweb/site.ts'
import { type PublishedImage, publishImage } from './swarm/published-image.ts'

const mib = 1024 * 1024
const bundle = join(repository, 'client', 'bundle')

let site: Site
let ltorrent: Daemon
let lweb: Daemon
const images = new Map<string, PublishedImage>()
const machines: Machine[] = []

beforeAll(async () => {
  // slow enough that there is something to see
  process.env['LUNA_SEEDER_UPLOAD_LIMIT'] = `${mib}`
  site = await Site.open()
  const { store, directory } = site.cluster
  await store.write(async tx => {
    await putCluster(tx, { ...(await getCluster(tx)), trackerInterval: 2, trackerMinInterval: 1 })
    const path = join(directory, 'os', 'login')
    await insertOsimage(tx, { ...osimageDefaults, name: 'login', path, grabExcludeList: '', comment: '' })
  })
  images.set('compute', await publishImage(site, 8 * mib))
  images.set('login', await publishImage(site, 12 * mib, 'login'))
  await addGroup(site.cluster, { name: 'login', osimage: 'login', network: 'cluster' })
  await addNodes(site.cluster, { names: ['node004'], group: 'compute' })
  ltorrent = await site.daemon('ltorrent', /ltorrent is listening/)
  lweb = await site.daemon('lweb', /lweb listens on/)
  for (const number of [1, 2, 3, 4]) {
    const mac = parseMac(`52:54:00:00:00:0${number}`)
    const node = `node00${number}`
    await changeNode(store, node, { mac })
    if (number > 2) await changeNodes(site.cluster, [node], { group: 'login' })
    machines.push(await addMachine(site.head, `n${number}`, mac, [`10.30.0.${number}/16`]))
  }
})
afterAll(async () => {
  delete process.env['LUNA_SEEDER_UPLOAD_LIMIT']
  for (const { namespace } of machines) await namespace.close()
  await site.close()
})

const luna = (...words: string[]) => site.onHead(process.execPath, join(repository, 'bin', 'luna.ts'), ...words)

async function install(number: number, image: PublishedImage): Promise<void> {
  const machine = machines[number - 1]!
  const node = `node00${number}`
  const boot = await site.ask(machine, `/luna?step=discovery&hwdata=|52:54:00:00:00:0${number}`)
  const [, token] = /luna\.token=(\S+)/.exec(boot.body)!
  const report = async (step: string) => {
    const path = `/luna?step=install&node=${node}&status=${step}`
    // lweb may just be away
    await until(`${step} is taken`, async () => {
      const answer = await site.ask(machine, path, withToken(token!)).catch(() => undefined)
      return answer?.body === 'ok\n'
    })
  }
  await report('install.download')
  const directory = join(site.cluster.directory, node)
  mkdirSync(directory)
  const said = await machine.namespace.run(
    ...[join(bundle, 'ld.so'), '--library-path', join(bundle, 'lib'), join(bundle, 'luna-torrent')],
    ...['--torrent', image.torrentPath, '--info-hash', image.infoHash, '--directory', directory],
    ...['--head', '10.30.255.254', '--exit', '--tracker', `http://10.30.255.254:7050/announce?node=${node}`],
  )
  const { from_head, from_peers } = JSON.parse(said.trim().split('\n').at(-1)!)
  await report(`install.unpack&from_head=${from_head}&from_peers=${from_peers}`)
  await report('install.success')
}

const downloads = async () =>
  (JSON.parse(await luna('node', 'list', '--status', '--json')) as { name: string; percent: number | null }[])
    .filter(({ percent }) => percent !== null && percent > 0)
    .map(({ name }) => name)

test('two images at once, each with its own storm, though both daemons were restarted meanwhile', async () => {
  const nodes = ['node001', 'node002', 'node003', 'node004']
  const installed = [1, 2, 3, 4].map(number => install(number, images.get(number > 2 ? 'login' : 'compute')!))
  await until('all four are seen', async () => (await downloads()).join() === nodes.join())
  await lweb.end('SIGKILL')
  await ltorrent.end('SIGKILL')
  ltorrent = await site.daemon('ltorrent', /ltorrent is listening/)
  lweb = await site.daemon('lweb', /lweb listens on/)
  await until('all four are seen again', async () => (await downloads()).join() === nodes.join())
  await Promise.all(installed)
  expect(await downloads()).toEqual([])
  for (const name of ['compute', 'login']) await ltorrent.logged(new RegExp(`^boot storm over: 2 nodes had ${name}, `))
  expect(ltorrent.log.filter(line => line.startsWith('boot storm over'))).toHaveLength(2)
  const storms = JSON.parse(await luna('osimage', 'storm', '--json'))
  expect(storms.map(({ osimage, nodes }: { osimage: string; nodes: number }) => [osimage, nodes]).toSorted()).toEqual([
    ['compute', 2],
    ['login', 2],
  ])
  for (const storm of storms) {
    expect(storm.size_bytes).toBe(storm.osimage === 'login' ? 12 * mib : 8 * mib)
    expect(storm.copies).toBeGreaterThanOrEqual(1)
    expect(storm.from_head_bytes + storm.from_peers_bytes).toBeGreaterThanOrEqual(2 * storm.size_bytes)
  }
  expect(await luna('osimage', 'storm', 'login')).toMatch(/^image +login, generation \d+, 12(\.0)? MiB$/m)
  expect(await luna('osimage', 'storm')).toMatch(/^Before +Image +Nodes/m)
})
