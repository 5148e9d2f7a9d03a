import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DhcpServer } from '../../src/domain/dhcp-server.ts'
import { parseMac } from '../../src/domain/mac.ts'
import { addNodes, changeNodes } from '../../src/operations/nodes.ts'
import { askWithDhclient, askWithUdhcpc } from './dhcp/clients.ts'
import type { RunningServer } from './dhcp/server.ts'
import { DhcpSite, nodeMac } from './dhcp/site.ts'
import { Machine } from './ipxe/machine.ts'
import type { Namespace } from './lweb/namespace.ts'

const strangersMac = '52:54:00:30:99:99'
/** RFC 2132 9.1 */
const requested = 50
const hexOf = (address: string) => Buffer.from(address.split('.').map(Number)).toString('hex')

/** Real servers with the files that Luna writes, real clients, each machine a network namespace. */
describe.each<DhcpServer>(['isc', 'kea'])('%s', kind => {
  let site: DhcpSite
  let head: Namespace
  let server: RunningServer
  let node: Namespace
  let stranger: Namespace

  beforeAll(async () => {
    site = await DhcpSite.open(kind)
    head = await site.machine('52:54:00:30:ff:fe', '10.30.255.254/16')
    server = await site.serve(head, await site.configure('10.30.255.254', false))
    node = await site.machine(nodeMac)
    stranger = await site.machine(strangersMac)
  })
  afterAll(() => site.close())

  const inRange = /^10\.30\.128\.(100|\d{1,2})$/

  test('a node gets its own address and name', async () => {
    const answer = await askWithDhclient(node)
    expect(answer).toMatchObject({
      ip_address: '10.30.0.1',
      subnet_mask: '255.255.0.0',
      broadcast_address: '10.30.255.255',
      host_name: 'node001',
      domain_name: 'cluster',
      domain_name_servers: '10.30.255.254',
      next_server: '10.30.255.254',
    })
  })

  test('so it does from another client', async () => {
    expect(await askWithUdhcpc(node)).toMatchObject({
      ip: '10.30.0.1',
      mask: '16',
      hostname: 'node001',
      domain: 'cluster',
      siaddr: '10.30.255.254',
      boot_file: 'luna_undionly.kpxe',
    })
  })

  test('a machine that is not known gets one of the range, the same whatever it says of itself', async () => {
    const { ip } = await askWithUdhcpc(stranger)
    expect(ip).toMatch(inRange)
    for (const identifier of ['firmware', 'iPXE']) {
      const { ip_address } = await askWithDhclient(stranger, [`send dhcp-client-identifier "${identifier}";`])
      expect(ip_address).toBe(ip)
    }
  })

  const menu = 'http://10.30.255.254:7050/luna?step=boot'
  const ipxe = Buffer.from('iPXE').toString('hex')
  /** RFC 4578 2.1: the architecture; RFC 3004: the user class; 175 is iPXE's own. */
  const [arch, userClass, own] = [93, 77, 175] as const

  test.each<[string, Record<number, string>, string | undefined]>([
    ['BIOS', { [arch]: '0000' }, 'luna_undionly.kpxe'],
    ['a machine that does not say what it is', {}, 'luna_undionly.kpxe'],
    ['UEFI x86-64', { [arch]: '0007' }, 'ipxe.efi'],
    ['UEFI x86-64, the other number', { [arch]: '0009' }, 'ipxe.efi'],
    ['UEFI x86-64 that can do more', { [arch]: '00070010' }, 'ipxe.efi'],
    ['UEFI arm64', { [arch]: '000b' }, 'ipxe-arm64.efi'],
    ['UEFI of 32 bits, for which there is none', { [arch]: '0006' }, undefined],
    ['UEFI HTTP boot, which is not answered yet', { [arch]: '0010' }, undefined],
    ['iPXE', { [arch]: '0000', [userClass]: ipxe }, menu],
    ['iPXE on arm64', { [arch]: '000b', [userClass]: ipxe }, menu],
    ['iPXE, in the form of RFC 3004', { [arch]: '0007', [userClass]: `04${ipxe}` }, menu],
    ['iPXE with a user class of the site', { [arch]: '0007', [userClass]: '7261636b', [own]: 'b1050180' }, menu],
  ])('boot file of %s', async (_, said, file) => {
    expect((await askWithUdhcpc(node, said)).boot_file).toBe(file)
  })
  test('a real iPXE is sent to the menu', async () => {
    const machine = new Machine({ mac: nodeMac, asset: '', tap: await site.tap() })
    try {
      await machine.shows(/net0: 10\.30\.0\.1\/255\.255\.0\.0/)
      await machine.shows(/Next server: 10\.30\.255\.254/)
      await machine.shows(/Filename: http:\/\/10\.30\.255\.254:7050\/luna\?step=boot/)
    } finally {
      await machine.off()
    }
  })

  test('a real UEFI is given iPXE', async () => {
    const uefi = join(site.directory, 'uefi-variables')
    copyFileSync('/usr/share/OVMF/OVMF_VARS_4M.fd', uefi)
    const machine = new Machine({ mac: nodeMac, asset: '', tap: await site.tap(), uefi })
    try {
      await machine.shows(/Station IP address is 10\.30\.0\.1/)
      await machine.shows(/Server IP address is 10\.30\.255\.254/)
      await machine.shows(/NBP filename is ipxe\.efi/)
    } finally {
      await machine.off()
    }
  })

  test('a machine that becomes a node gets its own address, though it asks for the one that it had', async () => {
    const { ip } = await askWithUdhcpc(stranger)
    expect(ip).toMatch(inRange)
    await addNodes(site, { names: ['node002'], group: 'compute' })
    await changeNodes(site, ['node002'], { mac: parseMac(strangersMac) })
    await server.kill('SIGTERM')
    server = await site.serve(head, await site.configure('10.30.255.254', false))
    expect((await askWithUdhcpc(stranger, { [requested]: hexOf(ip!) })).ip).toBe('10.30.0.2')
    expect((await askWithDhclient(stranger)).ip_address).toBe('10.30.0.2')
  })
})
