import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NetworkWriter } from '../../src/domain/distribution.ts'
import { createTemplates } from '../../src/effects/templates.ts'
import { type NodeFile, renderNetworkFiles } from '../../src/render/network/network-files.ts'
import type { NetworkInput } from '../../src/render/network/network-view.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const templates = createTemplates({ directories: [join(root, 'templates')] })

export const mac = '52:54:00:4c:00:01'
const ipv4 = { address: '10.30.0.1', prefix: 16 }
const ipv6 = { address: 'fd77:30::1', prefix: 64 }
const bootif = (addresses: { address: string; prefix: number }[]) => ({ name: 'BOOTIF', mac, addresses, params: '' })

/** A larger MTU, in each writer's own syntax. */
const jumbo: Record<NetworkWriter, string> = {
  ifcfg: 'MTU=9000\n',
  keyfile: '[ethernet]\nmtu=9000\n',
  networkd: '[Link]\nMTUBytes=9000\n',
  ifupdown: 'mtu 9000\n',
  netplan: '\r\nmtu: 9000\r\n\n',
  wicked: 'MTU=9000\n',
}

export const writers = Object.keys(jumbo) as NetworkWriter[]

export const cases: Record<string, (writer: NetworkWriter) => NetworkInput> = {
  ipv4: () => ({ hostname: 'node001.cluster', interfaces: [bootif([ipv4])] }),
  ipv6: () => ({
    hostname: 'node001',
    interfaces: [bootif([ipv6])],
    nameservers: ['fd77:30::ff'],
    search: ['cluster'],
  }),
  both: () => ({
    hostname: 'node001.cluster',
    interfaces: [bootif([ipv4, ipv6])],
    nameservers: ['10.30.255.254', 'fd77:30::ff'],
    search: ['cluster', 'example.org'],
  }),
  /** eth1 with address and parameters, eth2 with parameters alone; eth3 and BMC are not for the node's system. */
  several: writer => ({
    hostname: 'node001.cluster',
    interfaces: [
      { name: 'BMC', addresses: [{ address: '10.31.0.1', prefix: 16 }], params: '' },
      bootif([ipv4]),
      { name: 'eth1', addresses: [{ address: '10.32.0.1', prefix: 24 }], params: jumbo[writer] },
      { name: 'eth2', addresses: [], params: jumbo[writer] },
      { name: 'eth3', addresses: [], params: ' \n' },
    ],
    nameservers: ['10.30.255.254'],
    search: ['cluster'],
  }),
  dhcp: () => ({ hostname: 'node001', interfaces: [bootif([])], nameservers: ['10.30.255.254'], search: ['cluster'] }),
  /** As `luna node show --script install` has it before the node's MAC is known. */
  unknown: () => ({ hostname: 'node001', interfaces: [{ name: 'BOOTIF', addresses: [ipv4], params: '' }] }),
}

export const renderCase = (writer: NetworkWriter, name: string): NodeFile[] =>
  renderNetworkFiles(writer, cases[name]!(writer), templates.render)
