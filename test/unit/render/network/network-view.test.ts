import { describe, expect, test } from 'vitest'
import { networkView } from '../../../../src/render/network/network-view.ts'

describe('networkView', () => {
  const view = (name: string, params = 'x') =>
    networkView({ hostname: 'n', interfaces: [{ name, addresses: [], params }] }).interfaces[0]

  test.each([
    ['eth0', 'ethernets'],
    ['ib0', 'ethernets'],
    ['bond0', 'bonds'],
    ['br10', 'bridges'],
    ['bond0.100', 'vlans'],
    ['vlan7', 'vlans'],
  ])('%s is one of the %s', (name, kind) => {
    expect(view(name)?.kind).toBe(kind)
  })

  test('parameters keep their inner lines as they are', () => {
    expect(view('eth0', '\r\n  \n  a:\r\n\r\n    - b  \n\n')?.params).toEqual(['  a:', '', '    - b'])
  })

  test('name servers go with the first interface that has an address, and not with DHCP', () => {
    const { interfaces } = networkView({
      hostname: 'n',
      nameservers: ['10.0.0.1'],
      interfaces: [
        { name: 'BOOTIF', addresses: [], params: '' },
        { name: 'eth1', addresses: [{ address: '10.1.0.1', prefix: 16 }], params: '' },
        { name: 'eth2', addresses: [{ address: '10.2.0.1', prefix: 16 }], params: '' },
      ],
    })
    expect(interfaces.map(one => one.nameservers)).toEqual([[], ['10.0.0.1'], []])
  })
})
