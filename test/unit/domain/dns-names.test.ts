import { describe, expect, test } from 'vitest'
import { formatAddress, parseAddress } from '../../../src/domain/address.ts'
import { parseCidr } from '../../../src/domain/cidr.ts'
import { lostHostNames, namesInZone } from '../../../src/domain/dns-names.ts'
import type { Network } from '../../../src/domain/network.ts'

const networkCalled = (name: string, nsHostname = 'ns'): Network => ({
  id: 1,
  name,
  cidr: parseCidr('10.30.0.0', '16'),
  nsHostname,
  nsAddress: parseAddress('10.30.255.254'),
  include: '',
  revInclude: '',
  comment: '',
})

/** `name interface` of who has the addresses 10.30.0.1 and on. */
const heldBy = (...owners: string[]) =>
  owners.map((owner, index) => {
    const [name, one] = owner.split(' ')
    return { name: name!, interface: one, network: 'cluster', address: parseAddress(`10.30.0.${index + 1}`) }
  })

const labels = (network: Network, owners: string[], children: string[] = []) => {
  const { names, warnings } = namesInZone(network, heldBy(...owners), children)
  return { names: names.map(({ label, address }) => `${label} ${formatAddress(address).split('.')[3]}`), warnings }
}
const cluster = networkCalled('cluster')

test('one address: the own name; several: those of the interfaces', () => {
  expect(labels(cluster, ['node001 BOOTIF', 'node002 eth0', 'node002 BMC', 'switch01', 'pdu'])).toEqual({
    names: ['ns 254', 'node001 1', 'switch01 4', 'pdu 5', 'node002-eth0 2', 'node002-bmc 3'],
    warnings: [],
  })
})

test.each([
  ['eth0.7', 'a-eth0-7'],
  ['bond0:1', 'a-bond0-1'],
  ['ib_0', 'a-ib-0'],
  ['p4p1_', 'a-p4p1'],
])('interface %s is %s', (one, name) => {
  expect(labels(cluster, [`a ${one}`, 'a x']).names[1]).toBe(`${name} 1`)
})

describe('names that collide', () => {
  test('of one node, but for the case: as they are written, with a warning for all nodes at once', () => {
    expect(labels(cluster, ['n1 BMC', 'n1 bmc', 'n1 eth0', 'n2 BMC', 'n2 bmc'])).toEqual({
      names: ['ns 254', 'n1-BMC 1', 'n1-bmc 2', 'n1-eth0 3', 'n2-BMC 4', 'n2-bmc 5'],
      warnings: [
        'n[1-2] more than one interface is -bmc in zone cluster: DNS tells no upper from lower case; rename one',
      ],
    })
  })

  test('the name server keeps its own', () => {
    expect(labels(networkCalled('cluster', 'master'), ['master BOOTIF', 'other BOOTIF'])).toEqual({
      names: ['master 254', 'other 2'],
      warnings: ['master left out of zone cluster: master is the name of the name server there; rename one of them'],
    })
  })

  test('a name that somebody chose goes before one that is made', () => {
    expect(labels(cluster, ['a eth0', 'a BMC', 'a-bmc BOOTIF'])).toEqual({
      names: ['ns 254', 'a-bmc 3', 'a-eth0 1'],
      warnings: ['a left out of zone cluster: a-bmc is the name of a-bmc there; rename one of them'],
    })
  })

  test('a zone below has its name', () => {
    expect(labels(cluster, ['ib', 'x'], ['ib']).names).toEqual(['ns 254', 'x 2'])
  })
})

describe('names too long', () => {
  const long = 'n'.repeat(60)

  test('for a label', () => {
    expect(labels(cluster, [`${long} eth0`, `${long} BMC`, `${long}x BOOTIF`])).toEqual({
      names: ['ns 254', `${long}x 3`],
      warnings: [
        `${long} left out of zone cluster: DNS has no room for the name with -eth0`,
        `${long} left out of zone cluster: DNS has no room for the name with -bmc`,
      ],
    })
  })

  test('with the zone', () => {
    const zone = networkCalled(Array.from({ length: 20 }, () => 'a'.repeat(9)).join('.'))
    const name = 'n'.repeat(253 - zone.name.length - 1)
    expect(labels(zone, [name, `${name}n`]).names).toEqual(['ns 254', `${name} 1`])
  })
})

test('nodes that are not to be found by the name that they call themselves', () => {
  const { names } = namesInZone(cluster, heldBy('n1 BOOTIF', 'n2 BOOTIF', 'n2 BMC'))
  const hosts = ['n1', 'n2', 'n3', 'n4'].map(name => ({ name, domain: name === 'n4' ? 'other' : 'cluster' }))
  expect(lostHostNames(hosts, cluster, names)).toEqual([
    "n[2-3] not in zone cluster by that name, though it is their group's domain: no address there, or several",
  ])
  expect(lostHostNames(hosts.slice(0, 1), cluster, names)).toEqual([])
})
