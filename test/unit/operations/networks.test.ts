import { beforeEach, describe, expect, test } from 'vitest'
import { formatAddress, parseAddress } from '../../../src/domain/address.ts'
import { parseCidr } from '../../../src/domain/cidr.ts'
import { changeGroup } from '../../../src/operations/groups.ts'
import {
  addNetwork,
  changeNetwork,
  listAllNetworks,
  removeNetwork,
  renameNetwork,
  showNetwork,
} from '../../../src/operations/networks.ts'
import { addNodes, changeNodes } from '../../../src/operations/nodes.ts'
import { getCluster, putCluster } from '../../../src/store/clusters.ts'
import { getNode } from '../../../src/store/nodes.ts'
import type { Store } from '../../../src/store/store.ts'
import { scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

let luna: { store: Store }

beforeEach(async () => {
  luna = { store: await scratchStore() }
  await fillSmallCluster(luna.store)
})

const addNode = (name: string) => addNodes(luna, { names: [name], group: 'compute' })
const addressesOf = async (name: string) =>
  (await luna.store.read(tx => getNode(tx, name))).addresses.map(held => formatAddress(held.address))
const reserved = async () => (await showNetwork(luna, 'cluster')).reserved.map(({ first }) => formatAddress(first))
const reserve = (...addresses: string[]) => changeNetwork(luna, 'cluster', { reserve: addresses.map(parseAddress) })
const release = (...addresses: string[]) => changeNetwork(luna, 'cluster', { release: addresses.map(parseAddress) })

describe('reserved addresses', () => {
  test('are not given until they are released', async () => {
    await reserve('10.30.0.1', '10.30.0.2')
    await addNode('a')
    await release('10.30.0.1')
    await addNode('b')
    expect([await addressesOf('a'), await addressesOf('b')]).toEqual([
      ['10.30.0.3', '10.31.0.1'],
      ['10.30.0.1', '10.31.0.2'],
    ])
  })

  test('twice is as good as once', async () => {
    await reserve('10.30.0.9')
    await reserve('10.30.0.9')
    expect(await reserved()).toEqual(['10.30.0.9'])
    await release('10.30.0.9')
    await release('10.30.0.9')
    expect(await reserved()).toEqual([])
  })

  test('are not set by hand either', async () => {
    await addNode('a')
    await reserve('10.30.0.9')
    const address = { interface: 'BOOTIF', address: parseAddress('10.30.0.9') }
    await expect(changeNodes(luna, ['a'], { address })).rejects.toMatchObject({ kind: 'conflict' })
  })

  test.each([
    ['of a node', ['10.30.0.7', '10.30.0.1'], 'is the address of node "a"'],
    ['of another network', ['10.30.0.7', '10.31.0.1'], 'is not in network "cluster"'],
    ['of the network itself', ['10.30.0.7', '10.30.0.0'], 'is the address of network'],
  ])('none %s, and then none at all', async (_, addresses, message) => {
    await addNode('a')
    await expect(reserve(...addresses)).rejects.toThrow(message)
    expect(await reserved()).toEqual([])
  })
})

describe('overlapping networks', () => {
  const addInner = (more = {}) => addNetwork(luna, { name: 'inner', cidr: parseCidr('10.30.0.0', '24'), ...more })

  test('are accepted with a warning and share what is taken', async () => {
    await addNode('a')
    await reserve('10.30.0.2')
    expect(await addInner()).toEqual([
      '10.30.0.0/24 overlaps network "cluster" (10.30.0.0/16); their addresses are given once',
    ])
    await changeGroup(luna, 'compute', {}, { name: 'eth1', verb: 'add' })
    await changeGroup(luna, 'compute', {}, { name: 'eth1', verb: 'setnet', network: 'inner' })
    expect(await addressesOf('a')).toEqual(['10.30.0.1', '10.31.0.1', '10.30.0.3'])
    await addNode('b')
    expect(await addressesOf('b')).toEqual(['10.30.0.4', '10.31.0.2', '10.30.0.5'])
  })

  test("keep clear of each other's name servers", async () => {
    await addInner({ nsAddress: parseAddress('10.30.0.1') })
    await addNode('a')
    expect(await addressesOf('a')).toContain('10.30.0.2')
  })

  test('do not put a name server on a node', async () => {
    await addNode('a')
    await expect(addInner({ nsAddress: parseAddress('10.30.0.1') })).rejects.toThrow('is the address of node "a"; give')
    expect((await listAllNetworks(luna)).map(one => one.name)).toEqual(['cluster', 'ipmi'])
  })

  test('the same twice is refused', async () => {
    const again = addNetwork(luna, { name: 'again', cidr: parseCidr('10.30.7.7', '16') })
    await expect(again).rejects.toThrow('10.30.0.0/16 is network "cluster" already')
  })
})

describe('what nodes never get', () => {
  test("the name server's and the head's address", async () => {
    await addNetwork(luna, { name: 'tiny', cidr: parseCidr('10.40.0.0', '29'), nsAddress: parseAddress('10.40.0.1') })
    await luna.store.write(async tx =>
      putCluster(tx, { ...(await getCluster(tx)), frontendAddress: parseAddress('10.40.0.2') }),
    )
    await changeGroup(luna, 'compute', {}, { name: 'BOOTIF', verb: 'setnet', network: 'tiny' })
    await addNodes(luna, { names: ['a', 'b', 'c', 'd'], group: 'compute' })
    expect(await addressesOf('a')).toContain('10.40.0.3')
    expect(await addressesOf('d')).toContain('10.40.0.6')
    await expect(addNode('e')).rejects.toThrow('network "tiny" (10.40.0.0/29) is too full: addresses needed 1, free 0')
  })

  test('addresses in the DHCP range', async () => {
    const dhcp = { network: 'cluster', first: parseAddress('10.30.0.1'), last: parseAddress('10.30.0.50') }
    await luna.store.write(async tx => putCluster(tx, { ...(await getCluster(tx)), dhcp }))
    await addNode('a')
    expect(await addressesOf('a')).toContain('10.30.0.51')
    const nsAddress = parseAddress('10.30.0.50')
    await expect(changeNetwork(luna, 'cluster', { nsAddress })).rejects.toThrow('is in the DHCP range')
  })
})

describe('another size or place', () => {
  const resize = (address: string, prefix: string) =>
    changeNetwork(luna, 'cluster', { cidr: parseCidr(address, prefix) })
  const network = async () => (await showNetwork(luna, 'cluster')).network

  test('keeps what has an address, and the name server at its end', async () => {
    await addNode('a')
    expect(await resize('10.30.0.0', '17')).toEqual([])
    expect(formatAddress((await network()).nsAddress)).toBe('10.30.127.254')
    expect(await addressesOf('a')).toEqual(['10.30.0.1', '10.31.0.1'])
  })

  test('warns of what it overlaps then', async () => {
    expect(await resize('10.30.0.0', '15')).toEqual([expect.stringContaining('overlaps network "ipmi"')])
  })

  test.each([
    ['a node outside', '10.30.128.0', '17', '10.30.0.1 (node "a") would not be in 10.30.128.0/17'],
    ['a reserved address outside', '10.30.0.0', '24', '10.30.7.7 (a reserved address) would not be in 10.30.0.0/24'],
    ["another's place", '10.31.0.0', '16', 'would not be in 10.31.0.0/16'],
    ['the other version', 'fd00::', '64', 'network "cluster" is IPv4; add another for IPv6'],
  ])('not with %s', async (_, address, prefix, message) => {
    await addNode('a')
    await reserve('10.30.7.7')
    const before = await network()
    await expect(resize(address, prefix)).rejects.toThrow(message)
    expect(await network()).toEqual(before)
  })
})

describe('smaller around the DHCP server', () => {
  const dhcp = (first: string, last: string, more = {}) =>
    luna.store.write(async tx => {
      const range = { network: 'cluster', first: parseAddress(first), last: parseAddress(last) }
      await putCluster(tx, { ...(await getCluster(tx)), dhcp: range, ...more })
    })

  test.each<[string, string, string, object, string]>([
    ['its range', '10.30.127.1', '10.30.128.9', {}, '10.30.128.9 (the DHCP range) would not be in 10.30.0.0/17'],
    ['the head', '10.30.1.1', '10.30.1.9', {}, '10.30.255.254 (the head, which answers DHCP there) would not be in'],
    [
      'the second of two heads',
      '10.30.1.1',
      '10.30.1.9',
      {
        frontendAddress: parseAddress('10.30.0.254'),
        clusterIps: ['10.30.0.252', '10.30.255.253'].map(parseAddress),
        nativeDhcpHa: true,
      },
      '10.30.255.253 (the head, which answers DHCP there) would not be in',
    ],
  ])('%s stays in', async (_, first, last, more, message) => {
    await dhcp(first, last, more)
    await expect(changeNetwork(luna, 'cluster', { cidr: parseCidr('10.30.0.0', '17') })).rejects.toMatchObject({
      kind: 'inUse',
      message: expect.stringContaining(message),
    })
  })
})

describe('deleting', () => {
  test('is refused while anybody uses it', async () => {
    await addNode('a')
    await expect(removeNetwork(luna, 'cluster')).rejects.toMatchObject({
      kind: 'inUse',
      message: 'network "cluster" is used by group "compute", node "a"',
    })
  })

  test('takes its reserved addresses along', async () => {
    await addNetwork(luna, { name: 'spare', cidr: parseCidr('10.50.0.0', '24') })
    await changeNetwork(luna, 'spare', { reserve: [parseAddress('10.50.0.9')] })
    await removeNetwork(luna, 'spare')
    await addNetwork(luna, { name: 'spare', cidr: parseCidr('10.50.0.0', '24') })
    expect((await showNetwork(luna, 'spare')).reserved).toEqual([])
  })
})

test('a name that is taken is refused, its own is not', async () => {
  await expect(renameNetwork(luna, 'cluster', 'ipmi')).rejects.toMatchObject({ kind: 'conflict' })
  await renameNetwork(luna, 'cluster', 'cluster')
})
