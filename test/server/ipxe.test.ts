import { once } from 'node:events'
import { copyFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseAddress } from '../../src/domain/address.ts'
import { createApp } from '../../src/http/app.ts'
import { assignMachines } from '../../src/operations/assign-machines.ts'
import { addNodes } from '../../src/operations/nodes.ts'
import { getCluster, putCluster } from '../../src/store/clusters.ts'
import { listMachines } from '../../src/store/machines.ts'
import { getNode } from '../../src/store/nodes.ts'
import { type BootCluster, changeNode, createBootCluster, macs, pack1, publish } from '../boot-cluster.ts'
import { Machine } from './ipxe/machine.ts'

let cluster: BootCluster
let server: Server
let machine: Machine | undefined
const requests: string[] = []

beforeEach(async () => {
  cluster = await createBootCluster({ packed: false })
  // QEMU's own network makes every machine 127.0.0.1
  const neighbours = { find: async () => ({ own: false, macs: [macs[1]] }) }
  const tracker = { forward: () => Promise.reject(new Error('not here')), close: () => {} }
  const silent = { warn: () => {}, error: () => {} }
  const app = await createApp({ ...cluster, neighbours, tracker, seeding: { now: async () => false } }, silent)
  server = createServer((request, response) => {
    requests.push(request.url!)
    app.routing(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const frontend = { frontendAddress: parseAddress('10.0.2.2'), frontendPort: port() }
  await cluster.store.write(async tx => putCluster(tx, { ...(await getCluster(tx)), ...frontend }))
})
afterEach(async () => {
  await machine?.off()
  server.closeAllConnections()
  server.close()
  await cluster.close()
})

const port = () => (server.address() as AddressInfo).port
const menu = /Ask the server which node this is/

test('a machine that nobody knows becomes a node by its menu', async () => {
  const names = Array.from({ length: 9997 }, (_, index) => `node${String(index + 4).padStart(3, '0')}`)
  await addNodes(cluster, { names, group: 'compute' })
  const uuid = '6f1c2b3a-0d4e-4f50-8a9b-1c2d3e4f5a6b'
  const system = `serial=S&N/42,uuid=${uuid},manufacturer=H & P,product=R 740`
  machine = new Machine({ mac: macs[1], asset: 'AT&T 7% #x', system, port: port() })
  await machine.shows(menu)
  machine.press('\r')
  await machine.shows(/The server does not know this machine/)
  await machine.shows(/serial S&N\/42\n/)
  await machine.shows(/asset tag AT&T 7% #x\n/)
  await machine.shows(/net0 52:54:00:00:00:02\n/)
  await machine.shows(/luna node change -n NODE --mac 52:54:00:00:00:02\n/)

  await machine.shows(/luna node discover\n/)
  await expect.poll(() => cluster.store.read(listMachines)).toHaveLength(1)
  const [unknown] = await cluster.store.read(listMachines)
  expect(unknown).toMatchObject({ macs: [macs[1]], address: parseAddress('127.0.0.1'), asset: 'AT&T 7% #x' })
  expect(unknown).toMatchObject({ serial: 'S&N/42', uuid, manufacturer: 'H & P', product: 'R 740' })

  await machine.shows(/Trying again in 10 seconds; m shows the menu/)
  machine.press('m')
  await machine.shows(menu)
  machine.press('n')
  // of so many nodes first the parts of the list
  // the serial line was seen to say a digit twice: the golden files have the numbers
  await machine.shows(/Which node is this machine\?[\s\S]*node001 \.\.\. node100 \(9+ with no machine yet\)/)
  machine.press('\u001b[B\u001b[B\r')
  await machine.shows(/Which node is this machine\?[\s\S]*node101 \(no machine yet\)/)
  machine.press('\r')
  await machine.shows(/Which node is this machine\?[\s\S]*node001 \.\.\. node100/)
  machine.press('\u001b[B\r')
  await machine.shows(/Which node is this machine\?[\s\S]*node002 \(no machine yet\)/)
  machine.press('\u001b[B\u001b[B\r')
  await machine.shows(/Luna: osimage "compute" is not packed; run: luna osimage pack compute\n/)
  await machine.shows(/Trying again in 10 seconds/)

  // iPXE's own kernel, which takes its arguments for commands
  await publish(cluster.store, pack1)
  copyFileSync('/usr/lib/ipxe/ipxe.lkrn', join(cluster.directory, 'boot', pack1.kernelFile))
  writeFileSync(join(cluster.directory, 'boot', pack1.initrdFile), '#!ipxe\n')
  await machine.shows(menu)
  machine.press('t')
  await machine.shows(/Name of the node: /)
  machine.press('nowhere\r')
  await machine.shows(/Luna: there is no node "nowhere"; see: luna node list\n/)
  await machine.shows(menu)
  machine.press('t')
  await machine.shows(/Name of the node: /)
  machine.press('node002\r')
  await machine.shows(/Luna: this is node002, booting osimage compute, generation 1\n/)
  await machine.shows(/\bcompute-1-vmlinuz\.+ ok/)
  await machine.shows(/\bcompute-1-initrd\.+ ok/)
  await machine.shows(/initrd=initrd: command not found|root=luna: command not found/)
  expect((await cluster.store.read(tx => getNode(tx, 'node002'))).mac).toBe(macs[1])
  expect(await cluster.store.read(listMachines)).toEqual([])
  expect(requests).toContain(
    `/luna?step=discovery&node=node002&mac=52-54-00-00-00-02&uuid=${uuid}&serial=S&N/42&manufacturer=H%20&%20P&product=R%20740&hwdata=AT&T%207%25%20%23x|52%3A54%3A00%3A00%3A00%3A02`,
  )
})

test('a machine that waits becomes a node from the head, and starts from its first disk; nobody touches the menu', async () => {
  await changeNode(cluster.store, 'node001', { mac: undefined })
  await changeNode(cluster.store, 'node002', { localboot: true })
  const disk = join(cluster.directory, 'disk')
  writeFileSync(disk, bootSector('this is the disk'))
  machine = new Machine({ mac: macs[1], asset: '', port: port(), disk })
  await machine.shows(menu)
  await machine.shows(/Trying again in 10 seconds; m shows the menu/)
  await expect.poll(() => cluster.store.read(listMachines)).toHaveLength(1)
  const input = { names: ['node002'], group: undefined, by: 'arrival' as const, silentToo: false }
  expect(await assignMachines(cluster, input)).toMatchObject([{ node: 'node002', machine: { macs: [macs[1]] } }])
  await machine.shows(/Luna: this is node002, booting from its own disk\n/)
  await machine.shows(/this is the disk/)
})

/** A disk whose master boot record prints a text by the BIOS (INT 10h, AH=0Eh) and stops. */
function bootSector(text: string): Buffer {
  const disk = Buffer.alloc(1 << 20)
  // xor ax,ax; mov ds,ax; mov si,7c15h; l: lodsb; test al,al; jz $; mov ah,0eh; mov bx,7; int 10h; jmp l
  const code = Buffer.from('31c08ed8be157cac84c074feb40ebb0700cd10ebf2', 'hex')
  Buffer.concat([code, Buffer.from(text)]).copy(disk)
  disk.writeUInt16LE(0xaa55, 510)
  return disk
}
