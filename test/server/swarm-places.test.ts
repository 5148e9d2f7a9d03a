import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAddress } from '../../src/domain/address.ts'
import { parseCidr } from '../../src/domain/cidr.ts'
import { changeGroup } from '../../src/operations/groups.ts'
import { showInstallScript } from '../../src/operations/install-script.ts'
import { addNetwork } from '../../src/operations/networks.ts'
import { addNodes, changeNodes } from '../../src/operations/nodes.ts'
import { addSwitches } from '../../src/operations/switches.ts'
import { getCluster, putCluster } from '../../src/store/clusters.ts'
import { pack1 } from '../boot-cluster.ts'
import { addMachine, type Machine } from './lweb/namespace.ts'
import { type Daemon, repository, Site, until } from './lweb/site.ts'
import { publishImage } from './swarm/published-image.ts'

const sizeBytes = 24 * 1024 * 1024
const name = pack1.tarballFile

let site: Site
let infoHash: string
let ltorrent: Daemon
const machines: Machine[] = []

beforeAll(async () => {
  site = await Site.open()
  infoHash = (await publishImage(site, sizeBytes)).infoHash
})
afterAll(async () => {
  for (const { namespace } of machines) await namespace.close()
  await site.close()
})

describe('a group with an interface for the torrent', () => {
  beforeAll(async () => {
    const { cluster, head } = site
    await addNetwork(cluster, { name: 'fast', cidr: parseCidr('10.40.0.0', '16') })
    await changeGroup(cluster, 'compute', {}, { name: 'ib0', verb: 'add' })
    await changeGroup(cluster, 'compute', {}, { name: 'ib0', verb: 'setnet', network: 'fast' })
    await changeGroup(cluster, 'compute', { torrentIf: 'ib0' })
    await head.run('ip', 'link', 'add', 'br1', 'type', 'bridge')
    await head.run('ip', 'link', 'set', 'br1', 'up')
    await head.run('ip', 'address', 'add', '10.40.255.254/16', 'dev', 'br1')
    ltorrent = await site.daemon('ltorrent', /ltorrent is listening/)
    await site.daemon('lweb', /lweb listens on/)
    for (const number of [1, 2, 3]) machines.push(await addNode(number))
  })

  /** Only the first two have the interface. */
  async function addNode(number: number): Promise<Machine> {
    const machine = await addMachine(site.head, `n${number}`, `52:54:00:00:00:0${number}`, [`10.30.0.${number}/16`])
    if (number === 3) return machine
    const there = String(machine.namespace.pid)
    const peer = ['peer', 'name', 'ib0', 'netns', there]
    await site.head.run('ip', 'link', 'add', `f${number}`, 'type', 'veth', ...peer)
    await site.head.run('ip', 'link', 'set', `f${number}`, 'master', 'br1', 'up')
    return machine
  }

  /** Fetches as an installing node does: its own script's words, the initrd's client. @returns what it said */
  async function fetchImage({ namespace }: Machine, number: number): Promise<string> {
    const node = `node00${number}`
    const directory = join(site.cluster.directory, node)
    mkdirSync(directory)
    const script = (await showInstallScript(site.cluster, node)).replace(/^luna_install$/m, '')
    writeFileSync(join(directory, 'install.sh'), script)
    return namespace.run(
      ...['env', `PATH=${repository}/dracut/95luna:${process.env['PATH']}`, `LUNA_STATE=${directory}/state`],
      ...[`LUNA_CLIENT_BUNDLE=${repository}/client/bundle`, 'LUNA_NIC=eth0', `LUNA_NODE=${node}`],
      ...['unshare', '--mount', 'bash', '-c', fetching, 'bash', directory],
    )
  }
  const fetching = `
    mount -t sysfs sysfs /sys # of this network namespace
    mkdir -p "$LUNA_STATE" && . "$1/install.sh" && luna_bring_up_torrent_nic && set -o pipefail || exit
    luna-client download --torrent-url "$luna_torrent_url" --info-hash "$luna_info_hash" --announce "$luna_announce_url" \\
      --web "\${luna_tarball_urls[0]}" --dir "$1" --file "$luna_file_name" --ports "$luna_listen_ports" \\
      --progress "$1/progress" | cat >"$1/received" || exit
    ip -brief address; luna-client stop; luna_take_down_torrent_nic; ip -brief address; cat "$1/progress" | tail -n 1`

  const receivedBy = async ({ namespace }: Machine, nic: string): Promise<number> =>
    JSON.parse(await namespace.run('ip', '-json', '-statistics', 'link', 'show', nic))[0].stats64.rx.bytes

  test('fetches by it, from the head and from each other; who has none of it fetches as ever', async () => {
    const said = await Promise.all(machines.map((machine, index) => fetchImage(machine, index + 1)))
    const image = readFileSync(join(site.cluster.directory, 'torrents', name))
    for (const number of [1, 2, 3])
      expect(readFileSync(join(site.cluster.directory, `node00${number}`, 'received')).equals(image)).toBe(true)
    for (const [index, machine] of machines.slice(0, 2).entries()) {
      // what the third node has comes by the other interface, as much as it likes to give
      expect(await receivedBy(machine, 'ib0')).toBeGreaterThan(0.25 * sizeBytes)
      expect(said[index]).toMatch(/ib0\S* +UP +10\.40\.0\.[12]\/16/)
      expect(said[index]).toMatch(/ib0\S* +DOWN *\n/)
    }
    // the head is known by whatever address it has been reached at
    const fromHead = said.map(text => JSON.parse(text.trim().split('\n').at(-1)!).from_head as number)
    expect(fromHead[0]! + fromHead[1]! + fromHead[2]!).toBeGreaterThanOrEqual(sizeBytes)
    expect(said[2]).toContain('torrent_if: ib0 is no NIC here, or has no link; the torrent goes by eth0')
    expect(await receivedBy(machines[2]!, 'eth0')).toBeGreaterThan(sizeBytes)
  })
})

test('peers at the same switch come first, behind the head, and a third from elsewhere', async () => {
  const { cluster } = site
  await cluster.store.write(async tx => putCluster(tx, { ...(await getCluster(tx)), trackerMaxpeers: 13 }))
  const names = Array.from({ length: 60 }, (_, index) => `p${String(index).padStart(2, '0')}`)
  await addNodes(cluster, { names, group: 'compute' })
  for (const number of [1, 2, 3])
    await addSwitches(cluster, [`switch0${number}`], { addresses: [parseAddress(`10.31.253.${number}`)] })
  // 10.30.0.4 and on
  for (const [index, one] of names.entries())
    await changeNodes(cluster, [one], { switch: `switch0${(index % 3) + 1}`, port: String(index + 1) })
  await ltorrent.end('SIGTERM')
  await site.daemon('ltorrent', /ltorrent is listening/)
  const peersOf = (host: number) => announce(infoHash, `10.30.0.${host}`)
  for (let host = 4; host < 64; host++) await peersOf(host)
  for (let host = 4; host < 64; host++) {
    const peers = await peersOf(host)
    expect(peers[0]).toBe(254)
    expect(peers.slice(1).map(other => other % 3 === host % 3)).toEqual([
      ...new Array(8).fill(true),
      ...new Array(4).fill(false),
    ])
    expect(new Set([...peers, host]).size).toBe(14)
  }
})

test("the cluster's settings are followed at once: how often nodes announce, and of how many they are told", async () => {
  const change = (...settings: string[]) =>
    site.onHead(process.execPath, join(repository, 'bin', 'luna.ts'), 'cluster', 'change', ...settings)
  await change('--tracker_interval', '33', '--tracker_min_interval', '7', '--tracker_maxpeers', '3')
  await until('the tracker says so', async () =>
    (await ask(infoHash, '10.30.0.4')).toString('latin1').includes('8:intervali33e12:min intervali7e'),
  )
  const peers = await announce(infoHash, '10.30.0.4')
  expect([peers.length, peers[0]]).toEqual([3, 254])
})

/** As lweb hands it on. */
async function ask(infoHash: string, ip: string): Promise<Buffer> {
  const hash = infoHash.replace(/../g, '%$&')
  const path = `/announce?info_hash=${hash}&peer_id=${ip.padEnd(20, 'x')}&port=7052&uploaded=0&downloaded=0&left=1&numwant=50`
  const socketPath = join(site.runDirectory, 'ltorrent.sock')
  const sent = request({ socketPath, path, headers: { 'X-Real-IP': ip } }).end()
  const [response] = await once(sent, 'response')
  return Buffer.concat(await response.toArray())
}

/** @returns the last byte of each peer's address (BEP 23) */
async function announce(infoHash: string, ip: string): Promise<number[]> {
  const body = await ask(infoHash, ip)
  const [, length] = /5:peers(\d+):/.exec(body.toString('latin1'))!
  const start = body.indexOf(`5:peers${length}:`) + `5:peers${length}:`.length
  return Array.from({ length: Number(length) / 6 }, (_, index) => body[start + 6 * index + 3]!)
}
