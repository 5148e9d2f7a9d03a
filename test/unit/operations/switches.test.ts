import { beforeEach, describe, expect, test } from 'vitest'
import { formatAddress, parseAddress } from '../../../src/domain/address.ts'
import { parseCidr } from '../../../src/domain/cidr.ts'
import { snmpV3Defaults } from '../../../src/domain/snmp.ts'
import { addNetwork, changeNetwork } from '../../../src/operations/networks.ts'
import { addNodes } from '../../../src/operations/nodes.ts'
import {
  addSwitches,
  changeSwitches,
  listAllSwitches,
  removeSwitches,
  renameSwitch,
  type SwitchChange,
  showSwitches,
} from '../../../src/operations/switches.ts'
import type { Store } from '../../../src/store/store.ts'
import { scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

let luna: { store: Store }

beforeEach(async () => {
  luna = { store: await scratchStore() }
  await fillSmallCluster(luna.store)
})

const add = (name: string, ip: string, rest: SwitchChange = {}) =>
  addSwitches(luna, [name], { ...rest, addresses: [parseAddress(ip)] })
const change = (name: string, to: SwitchChange) => changeSwitches(luna, [name], to)
const show = async (name: string) => (await showSwitches(luna, [name]))[0]!
const placeOf = async (name: string) => {
  const { network, address } = await show(name)
  return `${network} ${formatAddress(address)}`
}

describe('adding', () => {
  test('several, each with its address; all or none', async () => {
    const addresses = ['10.31.253.1', '10.31.253.2'].map(parseAddress)
    await addSwitches(luna, ['switch02', 'switch01'], { addresses, read: 'other' })
    expect([await placeOf('switch02'), await placeOf('switch01')]).toEqual(['ipmi 10.31.253.1', 'ipmi 10.31.253.2'])
    expect((await show('switch02')).read).toBe('other')
    await expect(
      addSwitches(luna, ['a', 'b'], { addresses: ['10.31.9.9', '10.31.9.9'].map(parseAddress) }),
    ).rejects.toThrow('10.31.9.9 is the address of switch "a"')
    await expect(addSwitches(luna, ['a', 'b'], { addresses: ['10.31.9.9'].map(parseAddress) })).rejects.toMatchObject({
      kind: 'usage',
    })
    expect((await listAllSwitches(luna)).map(one => one.name)).toEqual(['switch01', 'switch02'])
  })

  test('with the defaults, in the network that holds the address', async () => {
    await add('switch01', '10.31.253.21')
    expect(await show('switch01')).toMatchObject({
      network: 'ipmi',
      read: 'public',
      rw: 'private',
      oid: '.1.3.6.1.2.1.17.7.1.2.2.1.2',
      ...snmpV3Defaults,
      polledAtMs: undefined,
      trouble: '',
    })
  })

  test('in the smallest network that holds it, unless another is named', async () => {
    await addNetwork(luna, { name: 'switches', cidr: parseCidr('10.31.253.0', '24') })
    await add('switch01', '10.31.253.21')
    await add('switch02', '10.31.253.22', { network: 'ipmi' })
    expect([await placeOf('switch01'), await placeOf('switch02')]).toEqual([
      'switches 10.31.253.21',
      'ipmi 10.31.253.22',
    ])
  })

  test.each<[string, string, SwitchChange, string, string]>([
    [
      'a network that does not hold it',
      '10.31.253.21',
      { network: 'cluster' },
      'invalid',
      'is not in network "cluster"',
    ],
    ['no network', '192.168.1.1', {}, 'invalid', 'is in no network of the cluster; run first: luna network add'],
    ['a network that is not there', '10.31.253.21', { network: 'nope' }, 'notFound', 'there is no network "nope"'],
    ['the address of a node', '10.30.0.1', {}, 'conflict', '10.30.0.1 is the address of node "node001"'],
    ['the head', '10.30.255.254', {}, 'conflict', '10.30.255.254 is not free'],
    ['a reserved address', '10.30.7.7', {}, 'conflict', '10.30.7.7 is not free'],
    ['the network itself', '10.31.0.0', {}, 'invalid', 'is the address of network "ipmi" itself'],
    ['v3 without a user', '10.31.0.9', { snmp: { authPassword: 'longenough' } }, 'usage', 'SNMPv3 needs a user'],
    [
      'a level without its passwords',
      '10.31.0.9',
      { snmp: { snmpUser: 'luna', snmpLevel: 'authPriv', authPassword: 'longenough' } },
      'invalid',
      'level authPriv needs --auth_password and --priv_password',
    ],
  ])('refused: %s', async (_, ip, rest, kind, message) => {
    await addNodes(luna, { names: ['node001'], group: 'compute' })
    await changeNetwork(luna, 'cluster', { reserve: [parseAddress('10.30.7.7')] })
    await expect(add('switch01', ip, rest)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    })
    expect(await listAllSwitches(luna)).toEqual([])
  })

  test('a name that a node or a switch has is refused', async () => {
    await addNodes(luna, { names: ['node001'], group: 'compute' })
    await add('switch01', '10.31.253.21')
    await expect(add('node001', '10.31.253.22')).rejects.toMatchObject({ kind: 'conflict' })
    await expect(add('switch01', '10.31.253.22')).rejects.toMatchObject({ kind: 'conflict' })
    await expect(addNodes(luna, { names: ['switch01'], group: 'compute' })).rejects.toMatchObject({ kind: 'conflict' })
  })

  test('its address is not given to a node', async () => {
    await add('switch01', '10.30.0.1')
    await addNodes(luna, { names: ['node001'], group: 'compute' })
    await expect(add('switch02', '10.30.0.2')).rejects.toThrow('10.30.0.2 is the address of node "node001"')
  })
})

describe('changing', () => {
  test('keeps what is not said', async () => {
    await add('switch01', '10.31.253.21', { read: 'secret' })
    await change('switch01', { oid: '.1.3.6.1.2.1.17.4.3.1.2' })
    expect(await show('switch01')).toMatchObject({ read: 'secret', oid: '.1.3.6.1.2.1.17.4.3.1.2', network: 'ipmi' })
  })

  test('what is so already', async () => {
    await add('switch01', '10.31.253.21')
    const before = await show('switch01')
    await change('switch01', { addresses: [parseAddress('10.31.253.21')], network: 'ipmi', read: 'public' })
    expect(await show('switch01')).toEqual(before)
  })

  test('another address frees the old one', async () => {
    await add('switch01', '10.31.253.21')
    await change('switch01', { addresses: [parseAddress('10.30.3.3')] })
    await add('switch02', '10.31.253.21')
    expect(await placeOf('switch01')).toBe('cluster 10.30.3.3')
    await expect(change('switch01', { addresses: [parseAddress('10.31.253.21')] })).rejects.toThrow(
      '10.31.253.21 is the address of switch "switch02"',
    )
    expect(await placeOf('switch01')).toBe('cluster 10.30.3.3')
  })

  test('several take all, but of addresses each its own', async () => {
    await add('switch01', '10.31.253.21')
    await add('switch02', '10.31.253.22')
    await changeSwitches(luna, ['switch01', 'switch02'], { read: 'other' })
    expect((await listAllSwitches(luna)).map(one => one.read)).toEqual(['other', 'other'])
    await expect(
      changeSwitches(luna, ['switch01', 'switch02'], { addresses: [parseAddress('10.31.0.9')] }),
    ).rejects.toMatchObject({ kind: 'usage' })
    await changeSwitches(luna, ['switch01', 'switch02'], { addresses: ['10.31.0.9', '10.31.0.8'].map(parseAddress) })
    expect([await placeOf('switch01'), await placeOf('switch02')]).toEqual(['ipmi 10.31.0.9', 'ipmi 10.31.0.8'])
  })
})

describe('SNMPv3', () => {
  const passwords = { authPassword: 'authauth', privPassword: 'privpriv' }

  test('takes the highest level that there are passwords for', async () => {
    await add('switch01', '10.31.253.21', { snmp: { snmpUser: 'luna' } })
    expect((await show('switch01')).snmpLevel).toBe('noAuthNoPriv')
    await change('switch01', { snmp: { authPassword: 'authauth' } })
    expect((await show('switch01')).snmpLevel).toBe('authNoPriv')
    await change('switch01', { snmp: passwords })
    expect((await show('switch01')).snmpLevel).toBe('authPriv')
  })

  test('a level that was said stays when something else changes', async () => {
    await add('switch01', '10.31.253.21', { snmp: { snmpUser: 'luna', ...passwords, snmpLevel: 'authNoPriv' } })
    await change('switch01', { read: 'other' })
    expect(await show('switch01')).toMatchObject({ snmpLevel: 'authNoPriv', read: 'other' })
  })

  test('an empty user is the way back', async () => {
    await add('switch01', '10.31.253.21', { snmp: { snmpUser: 'luna', ...passwords } })
    await change('switch01', { snmp: { snmpUser: '' } })
    expect(await show('switch01')).toMatchObject(snmpV3Defaults)
  })
})

test('renaming', async () => {
  await add('switch01', '10.31.253.21')
  await add('switch02', '10.31.253.22')
  await renameSwitch(luna, 'switch01', 'core')
  await renameSwitch(luna, 'core', 'core')
  expect((await listAllSwitches(luna)).map(one => one.name)).toEqual(['core', 'switch02'])
  await expect(renameSwitch(luna, 'core', 'switch02')).rejects.toMatchObject({ kind: 'conflict' })
})

test('deleting: all or none', async () => {
  await add('switch01', '10.31.253.21')
  await add('switch02', '10.31.253.22')
  await expect(removeSwitches(luna, ['switch01', 'nope'])).rejects.toMatchObject({ kind: 'notFound' })
  expect(await listAllSwitches(luna)).toHaveLength(2)
  await removeSwitches(luna, ['switch01', 'switch02'])
  expect(await listAllSwitches(luna)).toEqual([])
  await addNodes(luna, { names: ['switch01'], group: 'compute' })
})
