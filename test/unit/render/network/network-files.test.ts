import { describe, expect, test } from 'vitest'
import type { NodeFile } from '../../../../src/render/network/network-files.ts'
import { networkView } from '../../../../src/render/network/network-view.ts'
import { expectGolden } from '../../../golden-file.ts'
import { cases, renderCase, writers } from './network-cases.ts'

const listing = (files: NodeFile[]): string =>
  files.map(({ path, mode, content }) => `==> ${path} ${mode}\n${content}`).join('')

describe.each(writers)('%s', writer => {
  test.each(Object.keys(cases))('%s', name => {
    expectGolden(`network/${writer}-${name}.txt`, listing(renderCase(writer, name)))
  })

  test('every file ends in one newline, none has trailing blanks', () => {
    for (const name of Object.keys(cases))
      for (const { content } of renderCase(writer, name)) {
        expect(content).toMatch(/[^\n]\n$/)
        expect(content).not.toMatch(/[ \t]\n|\n\n\n/)
      }
  })

  test('the BMC and an interface with nothing to say are not written', () => {
    const text = listing(renderCase(writer, 'several'))
    expect(text).toContain('10.32.0.1')
    expect(text).toContain('eth2')
    expect(text).not.toMatch(/BMC|10\.31\.0\.1|eth3/)
  })
})

test('only root can read what NetworkManager and netplan want kept so', () => {
  const modeOf = (writer: 'keyfile' | 'netplan') => renderCase(writer, 'ipv4')[1]?.mode
  expect([modeOf('keyfile'), modeOf('netplan')]).toEqual(['0600', '0600'])
})

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
