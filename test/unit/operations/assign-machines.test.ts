import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { parseAddress } from '../../../src/domain/address.ts'
import type { Mac } from '../../../src/domain/mac.ts'
import type { MachineOrder } from '../../../src/domain/machine-order.ts'
import { assignAsTheyArrive, assignMachines } from '../../../src/operations/assign-machines.ts'
import { listDiscovered } from '../../../src/operations/discovered.ts'
import { addNodes, changeNodes } from '../../../src/operations/nodes.ts'
import { addSwitches } from '../../../src/operations/switches.ts'
import { listMacsByNode } from '../../../src/store/nodes.ts'
import type { Store } from '../../../src/store/store.ts'
import { getSwitch } from '../../../src/store/switches.ts'
import { macNumber, seeMachine } from '../../machines.ts'
import { scratchDatabase, scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

const now = 1_800_000_000_000
const clock = () => now
let url: string
let store: Store
beforeEach(async () => {
  url = scratchDatabase()
  store = await scratchStore(url)
  await fillSmallCluster(store)
})

const assign = (
  names: readonly string[],
  more: { group?: string | undefined; by?: MachineOrder; silentToo?: boolean } = {},
) => assignMachines({ store, clock }, { names, group: 'compute', by: 'arrival', silentToo: false, ...more })
/** Machines with the numbers given, which arrived in that order, the last a second ago. */
const arrive = async (...numbers: number[]) => {
  for (const [index, number] of numbers.entries())
    await seeMachine(store, [macNumber(number)], now - (numbers.length - index) * 1000)
}
const nodes = async () => Object.fromEntries(await store.read(listMacsByNode))
const unknown = async () => (await listDiscovered({ store, clock })).map(({ macs }) => macs[0])
const learn = async (switchName: string, port: string, macs: readonly Mac[], atMs = now) =>
  store.write(async tx => {
    const { id: switchId } = await getSwitch(tx, switchName)
    for (const mac of macs) await tx.insertInto('learnedMac').values({ switchId, port, mac, seenAtMs: atMs }).execute()
  })

describe('names are given', () => {
  test('in the order of arrival, to new nodes with addresses', async () => {
    await arrive(3, 1, 2, 4)
    const given = await assign(['node001', 'node002', 'node003'])
    expect(given.map(({ node, machine }) => [node, machine.macs[0]])).toEqual([
      ['node001', macNumber(3)],
      ['node002', macNumber(1)],
      ['node003', macNumber(2)],
    ])
    expect(await nodes()).toEqual({ node001: macNumber(3), node002: macNumber(1), node003: macNumber(2) })
    expect(await unknown()).toEqual([macNumber(4)])
  })

  test('to nodes that are there without a machine; those need no group', async () => {
    await arrive(1, 2)
    await addNodes({ store }, { names: ['node001'], group: 'compute' })
    await expect(assign(['node001', 'node002'], { group: undefined })).rejects.toThrow(
      'node "node002" cannot be made without a group: -g GROUP',
    )
    await assign(['node001'], { group: undefined })
    await assign(['node002'])
    expect(await nodes()).toEqual({ node001: macNumber(1), node002: macNumber(2) })
  })

  test('by the MAC that the machine boots from', async () => {
    await seeMachine(store, [macNumber(2), macNumber(1)], now)
    await assign(['node001'])
    expect(await nodes()).toEqual({ node001: macNumber(2) })
  })

  test('by serial, numbers in it as numbers', async () => {
    for (const [index, serial] of ['S10', 'S9', 'S2'].entries())
      await seeMachine(store, [macNumber(index)], now - 9000 + index, { serial })
    await assign(['a', 'b', 'c'], { by: 'serial' })
    expect(await nodes()).toEqual({ a: macNumber(2), b: macNumber(1), c: macNumber(0) })
  })
})

describe('by port', () => {
  beforeEach(async () => {
    await addSwitches({ store }, ['sw2'], { addresses: [parseAddress('10.30.100.2')] })
    await addSwitches({ store }, ['sw10'], { addresses: [parseAddress('10.30.100.10')] })
  })

  test('switches and ports in the order of their numbers; not by a port that leads to another switch', async () => {
    await arrive(1, 2, 3)
    await learn('sw10', '1', [macNumber(1)])
    await learn('sw2', '10', [macNumber(2)])
    await learn('sw2', '9', [macNumber(3)])
    await learn('sw2', '1', [macNumber(1), macNumber(40), macNumber(41)])
    await learn(
      'sw10',
      '2',
      Array.from({ length: 30 }, (_, index) => macNumber(index)),
    )
    const given = await assign(['a', 'b', 'c'], { by: 'port' })
    expect(given.map(({ node, machine }) => [node, machine.place?.switch, machine.place?.port])).toEqual([
      ['a', 'sw2', '9'],
      ['b', 'sw2', '10'],
      ['c', 'sw10', '1'],
    ])
  })

  test('refused when the port of one is not known, or was two hours ago, or is the same as another’s', async () => {
    await arrive(1, 2)
    await learn('sw2', '1', [macNumber(1)])
    await expect(assign(['a', 'b'], { by: 'port' })).rejects.toThrow(
      `the port of ${macNumber(2)} is not known; see: luna node discover; or leave --by port away`,
    )
    await learn('sw2', '2', [macNumber(2)], now - 2 * 60 * 60 * 1000)
    await expect(assign(['a', 'b'], { by: 'port' })).rejects.toMatchObject({ kind: 'notReady' })
    await learn('sw2', '1', [macNumber(2)])
    await expect(assign(['a'], { by: 'port' })).rejects.toThrow(
      `${macNumber(1)} and ${macNumber(2)} have the same port: sw2 1; leave --by port away`,
    )
    expect(await nodes()).toEqual({})
  })

  test('a machine without a port does not matter when there are enough others', async () => {
    await arrive(1, 2)
    await learn('sw2', '1', [macNumber(2)])
    await assign(['a'], { by: 'port' })
    expect(await nodes()).toEqual({ a: macNumber(2) })
  })
})

describe('nothing happens', () => {
  test('when there are fewer machines than names', async () => {
    await arrive(1)
    await seeMachine(store, [macNumber(2)], now - 15 * 60 * 1000)
    await expect(assign(['a', 'b', 'c'])).rejects.toThrow(
      'names 3, machines waiting 1 (1 more did not ask for 15 minutes: --all counts them in); nothing was changed',
    )
    expect(await nodes()).toEqual({})
    await assign(['a', 'b'], { silentToo: true })
    expect(await nodes()).toEqual({ a: macNumber(2), b: macNumber(1) })
  })

  test('when a name is a node with a machine', async () => {
    await arrive(1, 2)
    await addNodes({ store }, { names: ['b'], group: 'compute' })
    await changeNodes({ store }, ['b'], { mac: macNumber(9) })
    await expect(assign(['a', 'b'])).rejects.toMatchObject({
      kind: 'conflict',
      message: `node "b" has a machine already; to free one: luna node change b --mac ''`,
    })
    expect(Object.keys(await nodes())).toEqual(['b'])
  })

  test('when a name is a node of another group, a switch, or the group is not there', async () => {
    await arrive(1)
    await addSwitches({ store }, ['sw1'], { addresses: [parseAddress('10.30.100.1')] })
    await expect(assign(['sw1'])).rejects.toMatchObject({ kind: 'conflict' })
    await expect(assign(['a'], { group: 'nosuch' })).rejects.toMatchObject({ kind: 'notFound' })
    expect(await nodes()).toEqual({})
    expect(await unknown()).toEqual([macNumber(1)])
  })
})

test('as they arrive: first who waits, then whoever comes, until all names are given', async () => {
  await arrive(1, 2)
  const given: string[] = []
  for await (const { node, machine } of assignAsTheyArrive(
    { store, clock },
    { names: ['a', 'b', 'c'], group: 'compute' },
  )) {
    given.push(`${node} ${machine.macs[0]}`)
    if (node === 'b') await arrive(3)
  }
  expect(given).toEqual([`a ${macNumber(1)}`, `b ${macNumber(2)}`, `c ${macNumber(3)}`])
})

test('as they arrive: refused at once when a name cannot be given', async () => {
  const arriving = assignAsTheyArrive({ store, clock }, { names: ['a'], group: 'nosuch' })
  await expect(arriving.next()).rejects.toMatchObject({ kind: 'notFound' })
})

test('commands at once: each machine is one node, each node one machine', async () => {
  const machines = Array.from({ length: 60 }, (_, index) => index)
  await arrive(...machines)
  const child = join(import.meta.dirname, 'assign-machines-process.ts')
  const run = (prefix: string) => promisify(execFile)(process.execPath, [child, url, prefix, '15', String(now)])
  await Promise.all(['a', 'b', 'c', 'd'].map(run))
  const all = await nodes()
  expect(Object.keys(all)).toHaveLength(60)
  expect(new Set(Object.values(all))).toEqual(new Set(machines.map(macNumber)))
  expect(await unknown()).toEqual([])
})
