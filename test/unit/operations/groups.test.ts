import { beforeEach, describe, expect, test } from 'vitest'
import { formatAddress, parseAddress } from '../../../src/domain/address.ts'
import { parseCidr } from '../../../src/domain/cidr.ts'
import { createPackFiles } from '../../../src/effects/pack-files.ts'
import { addBmcsetup, removeBmcsetup } from '../../../src/operations/bmcsetups.ts'
import type { InterfaceChange } from '../../../src/operations/group-interfaces.ts'
import {
  addGroup,
  changeGroup,
  cloneGroup,
  listAllGroups,
  removeGroup,
  showGroup,
} from '../../../src/operations/groups.ts'
import { addNetwork } from '../../../src/operations/networks.ts'
import { addNodes, changeNodes } from '../../../src/operations/nodes.ts'
import { removeOsimage } from '../../../src/operations/osimages.ts'
import { listNodes } from '../../../src/store/nodes.ts'
import type { Store } from '../../../src/store/store.ts'
import { scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

let luna: { store: Store }

beforeEach(async () => {
  luna = { store: await scratchStore() }
  await fillSmallCluster(luna.store)
  await addBmcsetup(luna, 'base', {})
  await addNetwork(luna, { name: 'six', cidr: parseCidr('fd00::', '64') })
  await addNetwork(luna, { name: 'fast', cidr: parseCidr('10.60.0.0', '24') })
})

const everything = async () => [await listAllGroups(luna), await luna.store.read(tx => listNodes(tx))]
const change = (one: InterfaceChange) => changeGroup(luna, 'compute', {}, one)
const addressesOf = async (interfaceName: string) =>
  (await luna.store.read(tx => listNodes(tx))).flatMap(node =>
    node.addresses.filter(held => held.interface === interfaceName).map(held => formatAddress(held.address)),
  )

test('a new one is as the READMEs expect', async () => {
  expect(await showGroup(luna, 'compute')).toMatchObject({
    osimage: 'compute',
    domain: 'cluster',
    partscript: 'mount -t tmpfs tmpfs /sysroot\n',
    interfaces: [
      { name: 'BOOTIF', networks: { 4: 'cluster' } },
      { name: 'BMC', networks: { 4: 'ipmi' } },
    ],
  })
})

describe('an interface', () => {
  beforeEach(() => addNodes(luna, { names: ['a', 'b'], group: 'compute' }))

  test('put into a network gives every node an address there', async () => {
    await change({ name: 'eth1', verb: 'add' })
    await change({ name: 'eth1', verb: 'setnet', network: 'fast' })
    expect(await addressesOf('eth1')).toEqual(['10.60.0.1', '10.60.0.2'])
  })

  test('what is so already stays so', async () => {
    const before = await everything()
    await change({ name: 'BOOTIF', verb: 'add' })
    await change({ name: 'BOOTIF', verb: 'setnet', network: 'cluster' })
    await change({ name: 'BMC', verb: 'delnet', network: 'fast' })
    await change({ name: 'BOOTIF', verb: 'rename', newName: 'BOOTIF' })
    expect(await everything()).toEqual(before)
  })

  test('has one network of each version', async () => {
    await change({ name: 'BOOTIF', verb: 'setnet', network: 'six' })
    await change({ name: 'BOOTIF', verb: 'setnet', network: 'fast' })
    expect((await addressesOf('BOOTIF')).sort()).toEqual(['10.60.0.1', '10.60.0.2', 'fd00::1', 'fd00::2'])
    await change({ name: 'BOOTIF', verb: 'delnet', network: 'fast' })
    expect(await addressesOf('BOOTIF')).toEqual(['fd00::1', 'fd00::2'])
    await change({ name: 'BOOTIF', verb: 'delnet', network: undefined })
    expect(await addressesOf('BOOTIF')).toEqual([])
  })

  test('put into an overlapping network keeps the addresses that fit there and are free', async () => {
    await addNodes(luna, { names: ['c'], group: 'compute' })
    const put = (name: string, text: string) =>
      changeNodes(luna, [name], { address: { interface: 'BOOTIF', address: parseAddress(text) } })
    await put('a', '10.30.128.9')
    await put('b', '10.30.191.255') // the broadcast address there
    const nsAddress = parseAddress('10.30.128.1')
    await addNetwork(luna, { name: 'upper', cidr: parseCidr('10.30.128.0', '18'), nsAddress })
    await change({ name: 'BOOTIF', verb: 'setnet', network: 'upper' })
    expect(await addressesOf('BOOTIF')).toEqual(['10.30.128.9', '10.30.128.2', '10.30.128.3'])
    await change({ name: 'BOOTIF', verb: 'setnet', network: 'cluster' })
    expect(await addressesOf('BOOTIF')).toEqual(['10.30.128.9', '10.30.128.2', '10.30.128.3'])
  })

  test('deleted frees its addresses', async () => {
    await change({ name: 'BMC', verb: 'delete' })
    expect(await addressesOf('BMC')).toEqual([])
    await change({ name: 'BMC', verb: 'setnet', network: 'ipmi' })
    expect(await addressesOf('BMC')).toEqual(['10.31.0.1', '10.31.0.2'])
  })

  test('renamed keeps addresses, boot_if and torrent_if', async () => {
    await changeGroup(luna, 'compute', { bootIf: 'BOOTIF', torrentIf: 'BOOTIF' })
    await change({ name: 'BOOTIF', verb: 'rename', newName: 'enp7s0' })
    expect(await addressesOf('enp7s0')).toEqual(['10.30.0.1', '10.30.0.2'])
    expect(await showGroup(luna, 'compute')).toMatchObject({ bootIf: 'enp7s0', torrentIf: 'enp7s0' })
    await expect(change({ name: 'enp7s0', verb: 'delete' })).rejects.toThrow('is the torrent_if of group "compute"')
  })

  test.each<[InterfaceChange, string]>([
    [{ name: 'BMC', verb: 'setnet', network: 'six' }, 'takes an IPv4 network only'],
    [{ name: 'eth9', verb: 'setnet', network: 'fast' }, 'has no interface "eth9" (it has: BOOTIF, BMC)'],
    [{ name: 'BOOTIF', verb: 'setnet', network: 'nope' }, 'there is no network "nope"'],
    [{ name: 'BOOTIF', verb: 'delnet', network: 'nope' }, 'there is no network "nope"'],
    [{ name: 'BOOTIF', verb: 'rename', newName: 'BMC' }, 'has an interface "BMC" already'],
    [{ name: 'eth9', verb: 'delete' }, 'has no interface "eth9"'],
    [{ name: 'eth9', verb: 'edit', params: 'x' }, 'has no interface "eth9"'],
  ])('%j is refused', async (one, message) => {
    const before = await everything()
    await expect(change(one)).rejects.toThrow(message)
    expect(await everything()).toEqual(before)
  })

  test('into a network that is too small for the nodes: stays where it was', async () => {
    await addNetwork(luna, { name: 'tiny', cidr: parseCidr('10.40.0.0', '30') })
    const before = await everything()
    await expect(change({ name: 'BOOTIF', verb: 'setnet', network: 'tiny' })).rejects.toThrow(
      'addresses needed 2, free 1',
    )
    expect(await everything()).toEqual(before)
  })

  test('in IPv6 does not become the BMC', async () => {
    await change({ name: 'eth1', verb: 'add' })
    await change({ name: 'eth1', verb: 'setnet', network: 'six' })
    await change({ name: 'BMC', verb: 'delete' })
    await expect(change({ name: 'eth1', verb: 'rename', newName: 'BMC' })).rejects.toThrow('IPv4 network only')
  })
})

test('settings and an interface change together or not at all', async () => {
  const before = await everything()
  const both = changeGroup(luna, 'compute', { domain: 'nope' }, { name: 'eth1', verb: 'add' })
  await expect(both).rejects.toThrow('there is no network "nope"')
  expect(await everything()).toEqual(before)
  await changeGroup(luna, 'compute', { bootIf: 'eth1' }, { name: 'eth1', verb: 'add' })
  expect(await showGroup(luna, 'compute')).toMatchObject({ bootIf: 'eth1' })
})

describe('refused', () => {
  test.each([
    ['an IPv6 network for the BMC', { bmcnetwork: 'six' }, 'IPv4 network only'],
    ['the BMC as first interface in one', { interface: 'BMC', network: 'six' }, 'IPv4 network only'],
    ['the BMC twice', { interface: 'BMC', bmcnetwork: 'ipmi' }, 'is named twice'],
    ['no such osimage', { osimage: 'nope' }, 'there is no osimage "nope"'],
    ['no such bmcsetup', { bmcsetup: 'nope' }, 'there is no bmcsetup "nope"'],
    ['no such network', { network: 'nope' }, 'there is no network "nope"'],
    ['a name that is taken', { name: 'compute' }, 'group "compute" exists already'],
  ])('%s', async (_, input, message) => {
    const before = await everything()
    await expect(addGroup(luna, { name: 'other', osimage: 'compute', ...input })).rejects.toThrow(message)
    expect(await everything()).toEqual(before)
  })

  test.each([
    ['boot_if that is not there', { bootIf: 'eth9' }, 'has no interface "eth9"'],
    ['booting from the BMC', { bootIf: 'BMC' }, 'cannot boot from the BMC'],
    ['torrent_if that is not there', { torrentIf: 'eth9' }, 'has no interface "eth9"'],
  ])('%s', async (_, settings, message) => {
    await expect(changeGroup(luna, 'compute', settings)).rejects.toThrow(message)
  })
})

test('a clone has everything but nodes', async () => {
  await changeGroup(luna, 'compute', { bmcsetup: 'base', prescript: 'echo\n', comment: 'c' })
  await change({ name: 'BOOTIF', verb: 'setnet', network: 'six' })
  await change({ name: 'BOOTIF', verb: 'edit', params: 'MTU=9000\n' })
  await addNodes(luna, { names: ['a'], group: 'compute' })
  await cloneGroup(luna, 'compute', 'copy')
  const plain = ({ interfaces, ...group }: Awaited<ReturnType<typeof showGroup>>) => ({
    ...group,
    ...{ id: 0, name: '' },
    interfaces: interfaces.map(one => ({ ...one, id: 0 })),
  })
  expect(plain(await showGroup(luna, 'copy'))).toEqual(plain(await showGroup(luna, 'compute')))
  await changeNodes(luna, ['a'], { group: 'copy' })
  expect(await addressesOf('BOOTIF')).toEqual(['10.30.0.1', 'fd00::1'])
})

describe('deleting what is used says by whom', () => {
  test('a group', async () => {
    await addNodes(luna, { names: ['a', 'b'], group: 'compute' })
    await expect(removeGroup(luna, 'compute')).rejects.toMatchObject({
      kind: 'inUse',
      message: /still has nodes \(2\); see: luna node list -g compute/,
    })
  })

  test('an osimage', async () => {
    await expect(removeOsimage({ ...luna, packFiles: createPackFiles() }, 'compute')).rejects.toMatchObject({
      kind: 'inUse',
      message: /is used by group "compute"/,
    })
  })

  test('a bmcsetup', async () => {
    await changeGroup(luna, 'compute', { bmcsetup: 'base' })
    await expect(removeBmcsetup(luna, 'base')).rejects.toMatchObject({
      kind: 'inUse',
      message: /is used by group "compute"/,
    })
    await changeGroup(luna, 'compute', { bmcsetup: undefined })
    await removeBmcsetup(luna, 'base')
  })
})
