import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Config, readConfig } from '../../../src/config.ts'
import { formatAddress, parseAddress } from '../../../src/domain/address.ts'
import { parseDatabaseUrl } from '../../../src/domain/database-url.ts'
import { frontendUrl } from '../../../src/domain/frontend-url.ts'
import { createSite } from '../../../src/effects/site.ts'
import { changeCluster, deleteCluster, initCluster, showCluster } from '../../../src/operations/clusters.ts'
import { addNodes, listNodesWithStatus } from '../../../src/operations/nodes.ts'
import { getCluster, putCluster } from '../../../src/store/clusters.ts'
import type { Store } from '../../../src/store/store.ts'
import { onPostgresql } from '../../database.ts'
import { scratchDatabase, scratchDirectory, scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

let directory: string
let luna: { store: Store; site: ReturnType<typeof createSite>; config: Config }
const me = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()

beforeEach(async () => {
  directory = scratchDirectory()
  const url = scratchDatabase(directory)
  luna = { store: await scratchStore(url), site: createSite(parseDatabaseUrl(url)), config: readConfig({}) }
})

const ips = (...addresses: string[]) => ({ clusterIps: addresses.map(parseAddress) })
const path = () => join(directory, 'opt', 'luna')
const init = (more = {}) => initCluster(luna, { path: path(), user: me, ...more })

describe('init', () => {
  test('makes the directories that nodes are served from, open to the daemons', async () => {
    const umask = process.umask(0o077)
    await init()
    process.umask(umask)
    for (const name of ['', 'boot', 'torrents', 'templates', '..'])
      expect(statSync(join(path(), name)).mode & 0o777).toBe(0o755)
  })

  test('once', async () => {
    await init()
    await expect(init({ path: join(directory, 'other') })).rejects.toMatchObject({ kind: 'conflict' })
    expect(existsSync(join(directory, 'other'))).toBe(false)
  })

  test.each([
    ['a user that is not there', { user: 'nosuchuser' }, 'there is no user "nosuchuser" for the daemons; run: useradd'],
    ['a path that cannot be', { path: '/proc/luna' }, 'cannot make the directory /proc/luna'],
  ])('with %s makes no cluster', async (_, input, message) => {
    await expect(init(input)).rejects.toThrow(message)
    await expect(showCluster(luna)).rejects.toMatchObject({ kind: 'notReady' })
  })
})

describe.runIf(process.getuid?.() === 0 && !onPostgresql)('as root, for another user', () => {
  const owner = (file: string) => statSync(file).uid
  const nobody = 65534

  test('gives it what it needs, and later another', async () => {
    chownSync(directory, nobody, nobody)
    await init({ user: 'nobody' })
    for (const file of [path(), join(path(), 'boot'), join(directory, 'luna.db')]) expect(owner(file)).toBe(nobody)
    await changeCluster(luna, { user: 'root' })
    for (const file of [join(path(), 'boot'), join(directory, 'luna.db')]) expect(owner(file)).toBe(0)
  })

  test('leaves a path that was there to its owner', async () => {
    chownSync(directory, nobody, nobody)
    mkdirSync(path(), { recursive: true })
    await init({ user: 'nobody' })
    expect([owner(path()), owner(join(path(), 'boot'))]).toEqual([0, nobody])
  })

  test('says when that user could not write beside the database', async () => {
    await expect(init({ user: 'nobody' })).rejects.toThrow(`nobody could not write in ${directory}`)
  })
})

describe('change', () => {
  beforeEach(async () => {
    await fillSmallCluster(luna.store)
    await addNodes(luna, { names: ['a'], group: 'compute' })
    const dhcp = { network: 'cluster', first: parseAddress('10.30.128.1'), last: parseAddress('10.30.140.255') }
    await luna.store.write(async tx => putCluster(tx, { ...(await getCluster(tx)), user: me, path: path(), dhcp }))
  })

  test('what is so already', async () => {
    const before = await showCluster(luna)
    await changeCluster(luna, before)
    expect(await showCluster(luna)).toEqual(before)
  })

  test.each([
    ["a node's address", { frontendAddress: parseAddress('10.30.0.1') }, '10.30.0.1 is the address of node "a"'],
    [
      'one in the DHCP range',
      { frontendAddress: parseAddress('10.30.130.0') },
      'is in the DHCP range of network "cluster"',
    ],
    ['ports turned round', { torrentListenPortMin: 8000 }, 'torrent_listen_port_min is above torrent_listen_port_max'],
    ['intervals turned round', { trackerInterval: 2 }, 'tracker_min_interval is above tracker_interval'],
    ["a node's address for a head", ips('10.30.255.251', '10.30.0.1'), '10.30.0.1 is the address of node "a"'],
    ['one head twice', ips('10.30.255.251', '10.30.255.251'), 'cluster_ips holds 10.30.255.251 twice'],
    ['one pid file for two', { lwebPidfile: '/run/x', torrentPidfile: '/run/x' }, 'are both /run/x; they must differ'],
    [
      'https without nginx',
      { frontendHttps: true },
      'frontend_https needs nginx, with a certificate, in front of lweb',
    ],
    ['one port for two', { frontendPort: 7051 }, 'frontend_port and server_port are both 7051'],
    ['a user that is not there', { user: 'nosuchuser' }, 'there is no user "nosuchuser"'],
    ['a path that cannot be', { path: '/proc/luna' }, 'cannot make the directory /proc/luna'],
  ])('not to %s', async (_, input, message) => {
    const before = await showCluster(luna)
    await expect(changeCluster(luna, { trackerMaxpeers: 7, ...input })).rejects.toThrow(message)
    expect(await showCluster(luna)).toEqual(before)
  })

  test('https with nginx in front', async () => {
    await changeCluster({ ...luna, config: { ...luna.config, frontend: 'nginx' } }, { frontendHttps: true })
    expect(frontendUrl(await showCluster(luna))).toBe('https://10.30.255.254:7050')
  })

  test('heads with addresses of their own, which no node gets', async () => {
    await changeCluster(luna, ips('10.30.0.2', 'fd00::2'))
    expect((await showCluster(luna)).clusterIps.map(formatAddress)).toEqual(['10.30.0.2', 'fd00::2'])
    await addNodes(luna, { names: ['b'], group: 'compute' })
    const [b] = await listNodesWithStatus(luna, { names: ['b'] })
    expect(formatAddress(b!.node.addresses[0]!.address)).toBe('10.30.0.3')
  })

  test('the head may move', async () => {
    await changeCluster(luna, { frontendAddress: parseAddress('10.30.255.253') })
    expect(formatAddress((await showCluster(luna)).frontendAddress!)).toBe('10.30.255.253')
  })
})

test('deleting one with nodes needs force', async () => {
  await fillSmallCluster(luna.store)
  await addNodes(luna, { names: ['a'], group: 'compute' })
  await expect(deleteCluster(luna, { force: false })).rejects.toMatchObject({
    kind: 'inUse',
    message:
      'the cluster still has nodes (1), groups (1), osimages (1), networks (2); to forget them all: luna cluster delete --force',
  })
  await deleteCluster(luna, { force: true })
  await expect(showCluster(luna)).rejects.toMatchObject({ kind: 'notReady' })
  await init()
})
