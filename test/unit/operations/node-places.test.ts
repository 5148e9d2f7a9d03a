import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseAddress, toHex } from '../../../src/domain/address.ts'
import { parseMac } from '../../../src/domain/mac.ts'
import { changeGroup } from '../../../src/operations/groups.ts'
import { nodePlaces } from '../../../src/operations/node-places.ts'
import { addNodes, changeNodes } from '../../../src/operations/nodes.ts'
import { addSwitches } from '../../../src/operations/switches.ts'
import { changeStoredMacs } from '../../../src/store/learned-macs.ts'
import { type BootCluster, changeNode, createBootCluster, macs } from '../../boot-cluster.ts'

let cluster: BootCluster
beforeEach(async () => {
  cluster = await createBootCluster()
})
afterEach(() => cluster.close())

const placesOf = async (...addresses: string[]) => {
  const places = await nodePlaces(cluster)
  return addresses.map(text => places.get(toHex(parseAddress(text))))
}
const learn = (switchId: number, port: string, learned: readonly string[]) =>
  cluster.store.write(tx =>
    changeStoredMacs(
      tx,
      switchId,
      { learn: learned.map(mac => ({ port, mac: parseMac(mac) })), refresh: [], forget: [] },
      cluster.now,
    ),
  )

test('nothing is read where nothing is known', async () => {
  expect((await nodePlaces(cluster)).size).toBe(0)
})

test('a node is at the switch that has learned its MAC, else where it is configured', async () => {
  for (const [name, ip] of [
    ['switch01', '10.31.253.21'],
    ['switch02', '10.31.253.22'],
  ] as const)
    await addSwitches(cluster, [name], { addresses: [parseAddress(ip)] })
  await changeNodes(cluster, ['node001'], { switch: 'switch01', port: '1' })
  await changeNodes(cluster, ['node002'], { switch: 'switch01', port: '2' })
  const switchIds = async () => (await placesOf('10.30.0.1', '10.30.0.2', '10.30.0.3')).map(place => place?.switchId)
  expect(await switchIds()).toEqual([1, 1, undefined])

  // plugged elsewhere; switch01 sees it at the port to switch02, with all others, and by a hub with two
  const others = Array.from({ length: 9 }, (_, index) => `52:54:00:00:01:0${index}`)
  await learn(2, '7', [macs[0]])
  await learn(1, '24', [macs[0], ...others])
  await learn(1, '3', [macs[0], others[0]!])
  await changeNode(cluster.store, 'node003', { mac: macs[2] })
  await learn(1, '8', [macs[2]])
  expect(await switchIds()).toEqual([2, 1, 1])

  cluster.now += 600_000 // what was learned is old
  expect(await switchIds()).toEqual([1, 1, undefined])
})

test("an address is for the torrent when it is of the group's torrent_if", async () => {
  await changeGroup(cluster, 'compute', {}, { name: 'ib0', verb: 'add' })
  await changeGroup(cluster, 'compute', {}, { name: 'ib0', verb: 'setnet', network: 'ipmi' })
  await changeGroup(cluster, 'compute', { torrentIf: 'ib0' })
  const [boot, torrent, next] = await placesOf('10.30.0.1', '10.31.0.1', '10.31.0.2')
  expect(boot).toEqual({ nodeId: 1, switchId: undefined, forTorrent: false })
  expect(torrent).toEqual({ nodeId: 1, switchId: undefined, forTorrent: true })
  expect(next?.nodeId).toBe(2)
})

test('many nodes are read in parts, and none is left out', async () => {
  const names = Array.from({ length: 2500 }, (_, index) => `n${String(index + 1).padStart(4, '0')}`)
  await addNodes(cluster, { names, group: 'compute' })
  await addSwitches(cluster, ['switch01'], { addresses: [parseAddress('10.31.253.21')] })
  await changeNodes(cluster, ['n2500'], { switch: 'switch01', port: '1' })
  const places = await nodePlaces(cluster)
  expect(places.size).toBe(2503)
  expect([...places.values()].filter(({ switchId }) => switchId === 1)).toHaveLength(1)
})
