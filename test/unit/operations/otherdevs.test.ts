import { beforeEach, describe, expect, test } from 'vitest'
import { formatAddress, parseAddress } from '../../../src/domain/address.ts'
import { parseCidr } from '../../../src/domain/cidr.ts'
import { addNetwork, changeNetwork, removeNetwork, renameNetwork } from '../../../src/operations/networks.ts'
import { addNodes } from '../../../src/operations/nodes.ts'
import {
  addOtherdevs,
  changeOtherdevs,
  listAllOtherdevs,
  type OtherdevChange,
  removeOtherdevs,
  renameOtherdev,
  showOtherdevs,
} from '../../../src/operations/otherdevs.ts'
import { addSwitches } from '../../../src/operations/switches.ts'
import type { Store } from '../../../src/store/store.ts'
import { scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

let luna: { store: Store }

beforeEach(async () => {
  luna = { store: await scratchStore() }
  await fillSmallCluster(luna.store)
})

const at = (ip?: string) => (ip === undefined ? {} : { addresses: [parseAddress(ip)] })
const add = (names: string[], network: string, ip?: string) => addOtherdevs(luna, names, { network, ...at(ip) })
const change = (name: string, to: OtherdevChange) => changeOtherdevs(luna, [name], to)
const put = (name: string, network: string, ip?: string) => change(name, { network, ...at(ip) })
const held = async (name: string) =>
  (await showOtherdevs(luna, [name]))[0]!.addresses.map(one => `${one.network} ${formatAddress(one.address)}`)
const unchangedBy = async (work: () => Promise<unknown>, error: object) => {
  const before = await listAllOtherdevs(luna)
  await expect(work()).rejects.toMatchObject(error)
  expect(await listAllOtherdevs(luna)).toEqual(before)
}

describe('adding', () => {
  test('several with an address each; all or none', async () => {
    await addOtherdevs(luna, ['b', 'a'], {
      network: 'cluster',
      addresses: ['10.30.9.1', '10.30.9.2'].map(parseAddress),
    })
    expect([await held('b'), await held('a')]).toEqual([['cluster 10.30.9.1'], ['cluster 10.30.9.2']])
    await changeOtherdevs(luna, ['a', 'b'], {
      network: 'ipmi',
      addresses: ['10.31.9.1', '10.31.9.2'].map(parseAddress),
    })
    expect(await held('b')).toContain('ipmi 10.31.9.2')
    const twice = ['10.30.9.9', '10.30.9.9'].map(parseAddress)
    await unchangedBy(() => addOtherdevs(luna, ['c', 'd'], { network: 'cluster', addresses: twice }), {
      kind: 'conflict',
    })
  })

  test('with an address, or with the next free ones', async () => {
    await addNodes(luna, { names: ['a'], group: 'compute' })
    await add(['nas'], 'cluster', '10.30.0.2')
    await add(['pdu2', 'pdu1'], 'cluster')
    expect([await held('nas'), await held('pdu1'), await held('pdu2')]).toEqual([
      ['cluster 10.30.0.2'],
      ['cluster 10.30.0.4'],
      ['cluster 10.30.0.3'],
    ])
    expect((await listAllOtherdevs(luna)).map(one => one.name)).toEqual(['nas', 'pdu1', 'pdu2'])
  })

  test.each<[string, string[], string, string | undefined, object]>([
    [
      'a taken name',
      ['b', 'a'],
      'cluster',
      undefined,
      { kind: 'conflict', message: expect.stringContaining('node "a" exists already') },
    ],
    [
      'its own name',
      ['nas'],
      'cluster',
      undefined,
      { kind: 'conflict', message: expect.stringContaining('otherdev "nas" exists already') },
    ],
    ['one address for two', ['b', 'c'], 'cluster', '10.30.0.9', { kind: 'usage' }],
    [
      'a node’s address',
      ['b'],
      'cluster',
      '10.30.0.1',
      { kind: 'conflict', message: '10.30.0.1 is the address of node "a"' },
    ],
    ['an address elsewhere', ['b'], 'cluster', '10.31.0.9', { kind: 'invalid' }],
    ['the broadcast address', ['b'], 'cluster', '10.30.255.255', { kind: 'invalid' }],
    [
      'the head’s address',
      ['b'],
      'cluster',
      '10.30.255.254',
      { kind: 'conflict', message: expect.stringContaining('is not free') },
    ],
    ['no such network', ['b'], 'nope', undefined, { kind: 'notFound' }],
    [
      'a full network',
      ['b', 'c'],
      'tiny',
      undefined,
      { kind: 'conflict', message: expect.stringContaining('is too full: addresses needed 2, free 1') },
    ],
  ])('not with %s', async (_, names, network, ip, error) => {
    await addNetwork(luna, { name: 'tiny', cidr: parseCidr('10.40.0.0', '30') })
    await addNodes(luna, { names: ['a'], group: 'compute' })
    await add(['nas'], 'cluster')
    await unchangedBy(() => add(names, network, ip), error)
  })
})

describe('changing', () => {
  beforeEach(() => add(['nas'], 'cluster', '10.30.0.9'))

  test('an address in each network, one after the other', async () => {
    await put('nas', 'ipmi', '10.31.0.9')
    expect(await held('nas')).toEqual(['cluster 10.30.0.9', 'ipmi 10.31.0.9'])
    await put('nas', 'cluster', '10.30.0.10')
    await put('nas', 'cluster', '10.30.0.10')
    expect(await held('nas')).toEqual(['cluster 10.30.0.10', 'ipmi 10.31.0.9'])
  })

  test('without an address it leaves the network', async () => {
    await put('nas', 'ipmi', '10.31.0.9')
    await put('nas', 'cluster')
    await put('nas', 'cluster')
    expect(await held('nas')).toEqual(['ipmi 10.31.0.9'])
    await addNodes(luna, { names: ['a'], group: 'compute' })
    await add(['b'], 'cluster', '10.30.0.9')
  })

  test('its own address is not taken from it by a conflict', async () => {
    await add(['b'], 'cluster', '10.30.0.11')
    await unchangedBy(() => put('nas', 'cluster', '10.30.0.11'), {
      kind: 'conflict',
      message: '10.30.0.11 is the address of otherdev "b"',
    })
  })

  test('several at once, all or none', async () => {
    await add(['b'], 'cluster')
    await changeOtherdevs(luna, ['nas', 'b'], { comment: 'rack 7' })
    expect((await listAllOtherdevs(luna)).map(one => one.comment)).toEqual(['rack 7', 'rack 7'])
    await unchangedBy(() => changeOtherdevs(luna, ['nas', 'c', 'd'], { comment: 'rack 8' }), {
      kind: 'notFound',
      message: 'there are no otherdevs c,d; see: luna otherdev list',
    })
    await changeOtherdevs(luna, ['nas', 'b'], { network: 'cluster' })
    expect([await held('nas'), await held('b')]).toEqual([[], []])
  })
})

test('renaming, and deleting with the addresses', async () => {
  await add(['nas', 'b'], 'cluster')
  await renameOtherdev(luna, 'nas', 'nas')
  await unchangedBy(() => renameOtherdev(luna, 'nas', 'b'), { kind: 'conflict' })
  await renameOtherdev(luna, 'nas', 'storage')
  expect(await held('storage')).toEqual(['cluster 10.30.0.1'])
  await removeOtherdevs(luna, ['b', 'storage'])
  await addNodes(luna, { names: ['a'], group: 'compute' })
  await expect(removeNetwork(luna, 'cluster')).rejects.toThrow('is used by group "compute", node "a"')
})

describe('a network', () => {
  test('that only devices use is in use, whatever its name', async () => {
    await addSwitches(luna, ['sw1'], { addresses: [parseAddress('10.31.0.77')] })
    await add(['nas', 'pdu1', 'pdu2'], 'ipmi')
    await renameNetwork(luna, 'ipmi', 'mgmt')
    await expect(removeNetwork(luna, 'mgmt')).rejects.toMatchObject({
      kind: 'inUse',
      message: 'network "mgmt" is used by group "compute", otherdevs nas,pdu[1-2], switch "sw1"',
    })
    expect(await held('nas')).toEqual(['mgmt 10.31.0.1'])
  })

  test.each([
    ['a device', () => add(['nas'], 'ipmi', '10.31.77.1'), '10.31.77.1 (otherdev "nas")'],
    [
      'a switch',
      () => addSwitches(luna, ['sw1'], { addresses: [parseAddress('10.31.77.1')] }),
      '10.31.77.1 (switch "sw1")',
    ],
  ])('does not shrink from under %s', async (_, make, message) => {
    await make()
    const shrink = changeNetwork(luna, 'ipmi', { cidr: parseCidr('10.31.0.0', '24') })
    await expect(shrink).rejects.toThrow(`${message} would not be in 10.31.0.0/24; nothing was changed`)
  })
})
