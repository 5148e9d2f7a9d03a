import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { formatAddress, parseAddress } from '../../../src/domain/address.ts'
import { parseCidr } from '../../../src/domain/cidr.ts'
import type { DhcpRange } from '../../../src/domain/cluster.ts'
import { parseMac } from '../../../src/domain/mac.ts'
import type { Replacement } from '../../../src/effects/files.ts'
import { createTemplates } from '../../../src/effects/templates.ts'
import { LunaError } from '../../../src/errors.ts'
import type { Luna } from '../../../src/luna.ts'
import { makeDhcp } from '../../../src/operations/dhcp.ts'
import { addNetwork, changeNetwork } from '../../../src/operations/networks.ts'
import { addNodes, changeNodes } from '../../../src/operations/nodes.ts'
import { getCluster, putCluster } from '../../../src/store/clusters.ts'
import { getNode } from '../../../src/store/nodes.ts'
import { scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

/**
 * The rules of the range. The file and dhcpd's own check are the command's tests (test/cli/makedhcp.test.ts); here files and
 * programs are recorded only.
 */
let luna: Pick<Luna, 'store' | 'files' | 'templates' | 'exec' | 'neighbours' | 'locks' | 'clock'>
let own: string
let written: Replacement[]
let refusal: LunaError | undefined

beforeEach(async () => {
  written = []
  refusal = undefined
  const files: Luna['files'] = {
    read: async () => undefined,
    replace: async replacement => {
      if (refusal) throw refusal
      await replacement.accepted?.()
      written.push(replacement)
    },
  }
  const exec = { run: async () => ({ stdout: '', stderr: '' }) } as unknown as Luna['exec']
  const templates = createTemplates({ directories: [join(import.meta.dirname, '..', '..', '..', 'templates')] })
  own = '10.30.255.252'
  const neighbours: Luna['neighbours'] = {
    find: async address => ({ own: formatAddress(address) === own, macs: undefined }),
  }
  const locks: Luna['locks'] = { acquire: async () => ({ release: async () => {} }) }
  luna = { store: await scratchStore(), files, exec, templates, neighbours, locks, clock: Date.now }
  await fillSmallCluster(luna.store)
})

const input = (network: string, first: string, last: string): DhcpRange => ({
  network,
  first: parseAddress(first),
  last: parseAddress(last),
})
const range = async () => {
  const { dhcp } = await luna.store.read(getCluster)
  return dhcp && [dhcp.network, formatAddress(dhcp.first), formatAddress(dhcp.last)]
}
const setFrontend = (frontendAddress: ReturnType<typeof parseAddress> | undefined) =>
  luna.store.write(async tx => putCluster(tx, { ...(await getCluster(tx)), frontendAddress }))

test('stores the range, and without one writes the file again', async () => {
  await makeDhcp(luna, { range: input('cluster', '10.30.128.1', '10.30.140.255') })
  expect(await range()).toEqual(['cluster', '10.30.128.1', '10.30.140.255'])
  await addNodes(luna, { names: ['a'], group: 'compute' })
  await changeNodes(luna, ['a'], { mac: parseMac('52:54:00:00:00:01') })
  await makeDhcp(luna, {})
  expect(written).toHaveLength(2)
  expect(written[0]!.content).not.toContain('host ')
  expect(written[1]!.content).toContain(
    'host a {\n  hardware ethernet 52:54:00:00:00:01;\n  fixed-address 10.30.0.1;\n}',
  )
})

test('the old range is freed, the new one kept from nodes', async () => {
  await makeDhcp(luna, { range: input('cluster', '10.30.0.1', '10.30.0.9') })
  await makeDhcp(luna, { range: input('cluster', '10.30.0.5', '10.30.0.20') })
  await addNodes(luna, { names: ['a', 'b', 'c', 'd', 'e'], group: 'compute' })
  const addresses = await luna.store.read(async tx => [await getNode(tx, 'd'), await getNode(tx, 'e')])
  expect(addresses.map(node => formatAddress(node.addresses[0]!.address))).toEqual(['10.30.0.4', '10.30.0.21'])
})

test('the same range again is no conflict with itself', async () => {
  await makeDhcp(luna, { range: input('cluster', '10.30.128.1', '10.30.140.255') })
  await makeDhcp(luna, { range: input('cluster', '10.30.128.1', '10.30.140.255') })
  expect(await range()).toEqual(['cluster', '10.30.128.1', '10.30.140.255'])
})

describe('refused, and neither file nor store is changed', () => {
  beforeEach(async () => {
    await addNodes(luna, { names: ['a'], group: 'compute' })
    await changeNetwork(luna, 'cluster', { reserve: [parseAddress('10.30.7.7')] })
    await addNetwork(luna, { name: 'six', cidr: parseCidr('fd00::', '64') })
    await makeDhcp(luna, { range: input('cluster', '10.30.128.1', '10.30.128.9') })
  })

  test.each<[string, DhcpRange, string]>([
    ["a node's address in it", input('cluster', '10.30.0.1', '10.30.0.9'), 'holds 10.30.0.1 (node "a")'],
    ['a reserved address in it', input('cluster', '10.30.7.1', '10.30.7.9'), 'holds 10.30.7.7'],
    ["the head's address in it", input('cluster', '10.30.255.1', '10.30.255.254'), 'holds 10.30.255.254'],
    ['backwards', input('cluster', '10.30.9.9', '10.30.9.1'), 'the range 10.30.9.9 to 10.30.9.1 runs backwards'],
    ['end outside', input('cluster', '10.30.200.1', '10.31.0.1'), '10.31.0.1 is not in network "cluster"'],
    ['start outside', input('cluster', '10.29.0.1', '10.30.9.9'), '10.29.0.1 is not in network "cluster"'],
    ['start at the network', input('cluster', '10.30.0.0', '10.30.0.9'), 'is the address of network "cluster" itself'],
    ['end at broadcast', input('cluster', '10.30.200.1', '10.30.255.255'), 'is the broadcast address'],
    ['a network that is not there', input('nope', '10.30.9.1', '10.30.9.9'), 'there is no network "nope"'],
    [
      'a network without the head',
      input('ipmi', '10.31.9.1', '10.31.9.9'),
      'the frontend address 10.30.255.254 is not in',
    ],
    ['IPv6', input('six', 'fd00::1', 'fd00::9'), 'network "six" is IPv6'],
    ['versions mixed', input('cluster', '10.30.9.1', 'fd00::9'), 'fd00::9 is not in network "cluster"'],
  ])('%s', async (_, what, message) => {
    await expect(makeDhcp(luna, { range: what })).rejects.toThrow(message)
    expect([await range(), written.length]).toEqual([['cluster', '10.30.128.1', '10.30.128.9'], 1])
  })

  test('no frontend address', async () => {
    await setFrontend(undefined)
    await expect(makeDhcp(luna, {})).rejects.toThrow('run: luna cluster change --frontend_address ADDRESS')
    expect(written).toHaveLength(1)
  })

  test("a frontend address that is the network's broadcast address", async () => {
    await setFrontend(parseAddress('10.30.255.255'))
    await expect(makeDhcp(luna, {})).rejects.toThrow('10.30.255.255 is the broadcast address')
  })

  test('when dhcpd refuses the file', async () => {
    refusal = new LunaError('failed', 'dhcpd refuses the new /etc/dhcp/dhcpd.conf; the old one stays')
    await expect(makeDhcp(luna, { range: input('cluster', '10.30.9.1', '10.30.9.9') })).rejects.toThrow(
      'the old one stays',
    )
    expect(await range()).toEqual(['cluster', '10.30.128.1', '10.30.128.9'])
  })
})

test('with nothing stored says what to write', async () => {
  await expect(makeDhcp(luna, {})).rejects.toThrow('run: luna cluster makedhcp -N NETWORK -s START_IP -e END_IP')
})

describe('two heads', () => {
  const setHeads = (...clusterIps: string[]) =>
    luna.store.write(async tx =>
      putCluster(tx, { ...(await getCluster(tx)), clusterIps: clusterIps.map(parseAddress) }),
    )
  const all = input('cluster', '10.30.128.1', '10.30.140.255')

  test('are a pair in the order of cluster_ips, on each its own way round; it is stored', async () => {
    await setHeads('10.30.255.252', '10.30.255.253')
    await makeDhcp(luna, { range: all, nativeDhcpHa: true })
    own = '10.30.255.253'
    await makeDhcp(luna, {})
    expect(written.map(({ content }) => /^ {2}(primary|secondary);\n.*\n.*;$/m.exec(content)?.[0])).toEqual([
      '  primary;\n  address 10.30.255.252;\n  peer address 10.30.255.253;',
      '  secondary;\n  address 10.30.255.253;\n  peer address 10.30.255.252;',
    ])
    await makeDhcp(luna, { nativeDhcpHa: false })
    expect(written[2]!.content).not.toContain('failover')
  })

  test.each([
    [[], 'need the addresses of both head nodes; run: luna cluster change --cluster_ips A,B'],
    [['10.30.255.250', '10.30.255.251'], 'neither is an address of this machine'],
    [['10.30.255.252', '10.30.255.252'], 'both are an address of this machine'],
    [['10.30.255.252', 'fd00::1'], 'one is not IPv4'],
  ])('cluster_ips %j are refused, with nothing changed', async (addresses, message) => {
    await setHeads(...addresses)
    await expect(makeDhcp(luna, { range: all, nativeDhcpHa: true })).rejects.toThrow(message)
    expect([written.length, await range(), (await luna.store.read(getCluster)).nativeDhcpHa]).toEqual([
      0,
      undefined,
      false,
    ])
  })
})
