import { beforeEach, describe, expect, test } from 'vitest'
import { formatAddress, parseAddress } from '../../../src/domain/address.ts'
import { parseCidr } from '../../../src/domain/cidr.ts'
import { parseMac } from '../../../src/domain/mac.ts'
import { addGroup, changeGroup } from '../../../src/operations/groups.ts'
import { addNetwork } from '../../../src/operations/networks.ts'
import {
  addNodes,
  changeNodes,
  listNodesWithStatus,
  type NodeChange,
  removeNodes,
  renameNode,
} from '../../../src/operations/nodes.ts'
import { getNode, listNodes } from '../../../src/store/nodes.ts'
import type { Store } from '../../../src/store/store.ts'
import { scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

let luna: { store: Store }

beforeEach(async () => {
  luna = { store: await scratchStore() }
  await fillSmallCluster(luna.store)
})

const add = (...names: string[]) => addNodes(luna, { names, group: 'compute' })
const everything = () => luna.store.read(tx => listNodes(tx))
const held = async (name: string) =>
  (await luna.store.read(tx => getNode(tx, name))).addresses.map(
    one => `${one.interface} ${formatAddress(one.address)} ${one.network}`,
  )
const unchangedBy = async (work: Promise<unknown>, message: string | RegExp) => {
  const refused = expect(work).rejects.toThrow(message)
  const before = await everything()
  await refused
  expect(await everything()).toEqual(before)
}

describe('adding', () => {
  test('gives an address on every interface, the lowest first', async () => {
    await add('b', 'a')
    await removeNodes(luna, ['b'])
    await add('c')
    expect(await held('a')).toEqual(['BOOTIF 10.30.0.2 cluster', 'BMC 10.31.0.2 ipmi'])
    expect(await held('c')).toEqual(['BOOTIF 10.30.0.1 cluster', 'BMC 10.31.0.1 ipmi'])
  })

  test('without a name takes the next free one', async () => {
    await add('node001', 'node003')
    expect(await addNodes(luna, { names: undefined, group: 'compute' })).toEqual(['node002'])
    expect(await addNodes(luna, { names: undefined, group: 'compute' })).toEqual(['node004'])
  })

  test('makes none when one is there already', async () => {
    await add('node002')
    await unchangedBy(add('node001', 'node002', 'node003'), 'node "node002" exists already')
  })

  test('makes none when any network is full', async () => {
    await addNetwork(luna, { name: 'tiny', cidr: parseCidr('10.40.0.0', '30') })
    await changeGroup(luna, 'compute', {}, { name: 'eth1', verb: 'add' })
    await changeGroup(luna, 'compute', {}, { name: 'eth1', verb: 'setnet', network: 'tiny' })
    await unchangedBy(add('a', 'b'), 'network "tiny" (10.40.0.0/30) is too full: addresses needed 2, free 1')
  })

  test('in IPv4 and IPv6', async () => {
    await addNetwork(luna, { name: 'six', cidr: parseCidr('fd00::', '64') })
    await changeGroup(luna, 'compute', {}, { name: 'BOOTIF', verb: 'setnet', network: 'six' })
    await add('a')
    expect(await held('a')).toEqual(['BOOTIF 10.30.0.1 cluster', 'BOOTIF fd00::1 six', 'BMC 10.31.0.1 ipmi'])
  })
})

describe('moving to another group', () => {
  beforeEach(async () => {
    await add('filler', 'a')
    await removeNodes(luna, ['filler'])
  })

  test('keeps what fits on the interface of the same name', async () => {
    await addGroup(luna, { name: 'other', osimage: 'compute', network: 'cluster', bmcnetwork: 'ipmi' })
    await changeNodes(luna, ['a'], { group: 'other' })
    expect(await held('a')).toEqual(['BOOTIF 10.30.0.2 cluster', 'BMC 10.31.0.2 ipmi'])
  })

  test('else on one in the same network', async () => {
    await addGroup(luna, { name: 'other', osimage: 'compute', network: 'cluster', interface: 'enp7s0' })
    await changeNodes(luna, ['a'], { group: 'other' })
    expect(await held('a')).toEqual(['enp7s0 10.30.0.2 cluster'])
  })

  test('the same interface goes before the same network', async () => {
    await addGroup(luna, { name: 'other', osimage: 'compute', network: 'cluster', interface: 'eth1' })
    await changeGroup(luna, 'other', {}, { name: 'BOOTIF', verb: 'add' })
    await changeGroup(luna, 'other', {}, { name: 'BOOTIF', verb: 'setnet', network: 'cluster' })
    await changeNodes(luna, ['a'], { group: 'other' })
    expect(await held('a')).toEqual(['eth1 10.30.0.1 cluster', 'BOOTIF 10.30.0.2 cluster'])
  })

  test('gives new ones for the rest, and frees what has no place', async () => {
    await addNetwork(luna, { name: 'fast', cidr: parseCidr('10.60.0.0', '24') })
    await addGroup(luna, { name: 'other', osimage: 'compute', network: 'fast' })
    await changeNodes(luna, ['a'], { group: 'other' })
    expect(await held('a')).toEqual(['BOOTIF 10.60.0.1 fast'])
    await add('b', 'c')
    expect(await held('c')).toEqual(['BOOTIF 10.30.0.2 cluster', 'BMC 10.31.0.2 ipmi'])
  })

  test('several at once, to a network with room for all but one: none moves', async () => {
    await add('b')
    await addNetwork(luna, { name: 'tiny', cidr: parseCidr('10.40.0.0', '30') })
    await addGroup(luna, { name: 'other', osimage: 'compute', network: 'tiny' })
    await unchangedBy(changeNodes(luna, ['a', 'b'], { group: 'other' }), 'addresses needed 2, free 1')
  })

  test('to the group that it is in changes nothing', async () => {
    const before = await everything()
    await changeNodes(luna, ['a'], { group: 'compute' })
    expect(await everything()).toEqual(before)
  })

  test('with an address of the new group in the same command', async () => {
    await addGroup(luna, { name: 'other', osimage: 'compute', network: 'cluster', interface: 'eth0' })
    const address = { interface: 'eth0', address: parseAddress('10.30.9.9') }
    await changeNodes(luna, ['a'], { group: 'other', address })
    expect(await held('a')).toEqual(['eth0 10.30.9.9 cluster'])
  })
})

describe('an address by hand', () => {
  const set = (name: string, text: string, one = 'BOOTIF') =>
    changeNodes(luna, [name], { address: { interface: one, address: parseAddress(text) } })

  test('takes the place of the one before, twice too', async () => {
    await add('a')
    await set('a', '10.30.7.7')
    await set('a', '10.30.7.7')
    expect(await held('a')).toEqual(['BOOTIF 10.30.7.7 cluster', 'BMC 10.31.0.1 ipmi'])
  })

  test.each([
    ["another node's", '10.30.0.2', 'BOOTIF', '10.30.0.2 is the address of node "b"'],
    ['its own on another interface', '10.30.0.1', 'BMC', 'is not in network "ipmi"'],
    ["the head's", '10.30.255.254', 'BOOTIF', '10.30.255.254 is not free'],
    ['the broadcast address', '10.30.255.255', 'BOOTIF', 'is the broadcast address of network "cluster"'],
    ['outside', '10.99.0.1', 'BOOTIF', '10.99.0.1 is not in network "cluster" (10.30.0.0/16)'],
    ['of a version it has no network for', 'fd00::1', 'BOOTIF', 'has no IPv6 network; run: luna group change compute'],
    ['on no interface', '10.30.0.9', 'eth9', 'has no interface "eth9" (it has: BOOTIF, BMC)'],
  ])('not %s', async (_, address, one, message) => {
    await add('a', 'b')
    await unchangedBy(set('a', address, one), message)
  })
})

describe('a change', () => {
  const change = (names: string[], what: NodeChange) => changeNodes(luna, names, what)
  const mac = parseMac('52:54:00:00:00:01')

  test('of what is so already is no error', async () => {
    await add('a')
    await change(['a'], { mac, localboot: true })
    await change(['a'], { mac, localboot: true, service: false, setupbmc: true, group: 'compute' })
    expect(await everything()).toMatchObject([{ mac, localboot: true, service: false, setupbmc: true }])
    await change(['a'], { mac: null })
    await change(['a'], { mac: null })
    expect(await everything()).toMatchObject([{ mac: undefined }])
  })

  test.each<[string, string[], NodeChange, string]>([
    [
      "another's MAC",
      ['b'],
      { mac, service: true },
      `${mac} is the MAC of node "a"; to free it: luna node change a --mac ''`,
    ],
    ['one MAC for two', ['a', 'b'], { mac }, 'one address or MAC cannot be given to several nodes'],
    ['a group that is not there', ['a'], { group: 'nope', service: true }, 'there is no group "nope"'],
    ['a node that is not there', ['a', 'x'], { service: true }, 'there is no node "x"'],
    ['nodes that are not there', ['x1', 'a', 'x2'], { service: true }, 'there are no nodes x[1-2]'],
  ])('%s changes nothing', async (_, names, what, message) => {
    await add('a', 'b')
    await change(['a'], { mac })
    await unchangedBy(change(names, what), message)
  })
})

test('deleting some that are not there deletes none', async () => {
  await add('a', 'b')
  await unchangedBy(removeNodes(luna, ['a', 'x']), 'there is no node "x"')
})

test('a name that is taken is refused, its own is not', async () => {
  await add('a', 'b')
  await unchangedBy(renameNode(luna, 'a', 'b'), 'node "b" exists already')
  await renameNode(luna, 'a', 'a')
})

test('nodes come in the order that they were named in', async () => {
  await add('a', 'b', 'c')
  const found = await listNodesWithStatus(luna, { names: ['c', 'a'] })
  expect(found.map(({ node }) => node.name)).toEqual(['c', 'a'])
})

test('more than one statement takes: added, changed, moved and deleted in one piece', async () => {
  const names = Array.from({ length: 1234 }, (_, index) => `n${String(index + 1).padStart(4, '0')}`)
  await add(...names)
  expect(await held('n1234')).toEqual(['BOOTIF 10.30.4.210 cluster', 'BMC 10.31.4.210 ipmi'])
  await changeNodes(luna, names, { service: true })
  await addGroup(luna, { name: 'other', osimage: 'compute', network: 'cluster' })
  await changeNodes(luna, names.slice(1), { group: 'other' })
  const nodes = await everything()
  expect(nodes.map(node => node.name)).toEqual(names)
  expect(nodes.filter(node => node.service && node.group === 'other')).toHaveLength(1233)
  expect(await held('n1234')).toEqual(['BOOTIF 10.30.4.210 cluster'])
  await unchangedBy(removeNodes(luna, [...names, 'n9999']), 'there is no node "n9999"')
  await removeNodes(luna, names.slice(0, -1))
  expect((await everything()).map(node => node.name)).toEqual(['n1234'])
})
