import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseAddress } from '../../../src/domain/address.ts'
import type { Cell } from '../../../src/domain/bridge-mib.ts'
import type { Caller } from '../../../src/domain/caller.ts'
import { forgetMs, refreshMs } from '../../../src/domain/forwarding.ts'
import { parseHardware } from '../../../src/domain/hardware.ts'
import { type Mac, parseMac } from '../../../src/domain/mac.ts'
import { mostMacsOfNode } from '../../../src/domain/port-recognition.ts'
import { LunaError } from '../../../src/errors.ts'
import { bootNode } from '../../../src/operations/boot.ts'
import { listPlaces } from '../../../src/operations/learned-macs.ts'
import { adviseOnPorts } from '../../../src/operations/node-ports.ts'
import { addNodes, changeNodes } from '../../../src/operations/nodes.ts'
import { listPolledSwitches, pollSwitch } from '../../../src/operations/switch-polls.ts'
import { addSwitches, changeSwitches, removeSwitches, showSwitches } from '../../../src/operations/switches.ts'
import { listBootEvents } from '../../../src/store/boots.ts'
import { getNode } from '../../../src/store/nodes.ts'
import type { Store } from '../../../src/store/store.ts'
import { type BootCluster, createBootCluster, macs } from '../../boot-cluster.ts'

/** Switches as they answer; the real ones are in test/server/snmp.test.ts. */
let cluster: BootCluster
let writes: number
/** By switch: port → MACs, or why it does not answer. */
let tables: Record<string, Record<number, readonly string[]> | LunaError>
const names = new Map([
  ['10.31.253.21', 'switch01'],
  ['10.31.253.22', 'switch02'],
])

beforeEach(async () => {
  cluster = await createBootCluster()
  tables = { switch01: {}, switch02: {} }
  writes = 0
  for (const [address, name] of names) await addSwitches(cluster, [name], { addresses: [parseAddress(address)] })
})
afterEach(() => cluster.close())

const decimal = (mac: string) =>
  mac
    .split(':')
    .map(byte => Number.parseInt(byte, 16))
    .join('.')
const cells = (table: Record<number, readonly string[]>): Cell[] =>
  Object.entries(table).flatMap(([port, there]) =>
    there.map(mac => ({ index: `1.${decimal(mac)}`, value: Number(port) })),
  )
const portMap = Array.from({ length: 48 }, (_, index) => ({ index: String(index + 1), value: 100 + index }))
const portNames = portMap.map(({ index, value }) => ({ index: String(value), value: `Gi1/0/${index}` }))

const countingStore = (store: Store): Store => ({
  ...store,
  write: use => {
    writes++
    return store.write(use)
  },
})

const pollOne = async (name: string, during: () => Promise<unknown> = async () => {}): Promise<string> => {
  const { one } = (await listPolledSwitches(cluster)).find(({ one }) => one.name === name)!
  const walk = async () => {
    await during()
    const table = tables[name]!
    if (table instanceof LunaError) throw table
    return [portMap, portNames, cells(table), []]
  }
  const luna = { store: countingStore(cluster.store), snmp: { walk }, clock: cluster.clock }
  return pollSwitch(luna, one, new AbortController().signal)
}
const poll = async () => {
  for (const name of names.values()) await pollOne(name)
}
const places = async () =>
  (await listPlaces(cluster)).map(({ switch: name, port, mac }) => `${name} ${port} ${mac.slice(-2)}`)

const near = (mac: Mac): Caller => ({ address: parseAddress('10.30.0.77'), port: 5000, own: false, neighbours: [mac] })
const far: Caller = { address: parseAddress('10.99.0.77'), port: 5000, own: false, neighbours: undefined }
const boot = (caller: Caller, hwdata: string) =>
  bootNode(
    { ...cluster, unknownMachines: { note() {} } },
    { hardware: parseHardware(hwdata), node: undefined, loader: 'ipxe', caller },
  )
const plug = (name: string, switchName: string, port: string) =>
  changeNodes(cluster, [name], { switch: switchName, port })
const nodeOf = async (name: string) => cluster.store.read(tx => getNode(tx, name))
const stepsOf = async (name: string) =>
  cluster.store.read(async tx => (await listBootEvents(tx, (await getNode(tx, name)).id)).map(event => event.step))
const crowd = (count: number) =>
  Array.from({ length: count }, (_, index) => `52:54:99:00:00:${index.toString(16).padStart(2, '0')}`)

describe('a poll', () => {
  test('stores what is new, and nothing when nothing is', async () => {
    tables['switch01'] = { 1: [macs[1]], 2: [macs[2]] }
    expect(await pollOne('switch01')).toBe('')
    expect(await places()).toEqual(['switch01 1 02', 'switch01 2 03'])
    expect(writes).toBe(1)
    cluster.now += 20_000
    await pollOne('switch01')
    expect(writes).toBe(1)
    cluster.now += refreshMs
    await pollOne('switch01')
    expect(writes).toBe(2)
  })

  test('moves a MAC at once, and forgets one that is gone after a while', async () => {
    tables['switch01'] = { 1: [macs[1]], 2: [macs[2]] }
    await poll()
    tables['switch01'] = { 3: [macs[1]] }
    cluster.now += 20_000
    await poll()
    expect(await places()).toEqual(['switch01 2 03', 'switch01 3 02'])
    cluster.now += forgetMs
    await poll()
    expect(await places()).toEqual(['switch01 3 02'])
  })

  test('of a switch that does not answer says so, once; what it knew ages', async () => {
    tables['switch01'] = { 1: [macs[1]] }
    await poll()
    tables['switch01'] = new LunaError('failed', 'does not answer SNMP v2c')
    cluster.now += 20_000
    writes = 0
    expect(await pollOne('switch01')).toBe('does not answer SNMP v2c')
    await pollOne('switch01')
    expect(writes).toBe(1)
    const trouble = async () => (await showSwitches(cluster, ['switch01'])).map(one => one.trouble)
    expect(await trouble()).toEqual(['does not answer SNMP v2c'])
    expect(await places()).toEqual(['switch01 1 02'])
    cluster.now += forgetMs
    expect(await places()).toEqual([])
    await pollOne('switch01')
    expect(await cluster.store.read(tx => tx.selectFrom('learnedMac').selectAll().execute())).toEqual([])
    tables['switch01'] = { 1: [macs[1]] }
    await pollOne('switch01')
    expect(await trouble()).toEqual([''])
  })

  test('of a switch that lists nothing says which table to doubt', async () => {
    expect(await pollOne('switch01')).toBe('answers, but lists no MAC below .1.3.6.1.2.1.17.7.1.2.2.1.2')
  })

  test('stores nothing of a switch that is deleted or changed meanwhile', async () => {
    tables['switch01'] = { 1: [macs[1]] }
    tables['switch02'] = { 1: [macs[2]] }
    await pollOne('switch01', () => changeSwitches(cluster, ['switch01'], { read: 'other' }))
    await pollOne('switch02', () => removeSwitches(cluster, ['switch02']))
    expect(await places()).toEqual([])
  })

  test('begins anew when the switch gets another address or table', async () => {
    tables['switch01'] = { 1: [macs[1]] }
    await poll()
    await changeSwitches(cluster, ['switch01'], { oid: '.1.3.6.1.2.1.17.4.3.1.2' })
    expect(await places()).toEqual([])
    await poll()
    await changeSwitches(cluster, ['switch01'], { addresses: [parseAddress('10.31.253.99')] })
    expect(await places()).toEqual([])
  })

  test('of ten thousand MACs, and none of them afterwards', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => parseMac((0x525400000000 + index).toString(16)))
    tables['switch01'] = { 48: many }
    await pollOne('switch01')
    expect(await places()).toHaveLength(10_000)
    tables['switch01'] = { 47: many }
    await pollOne('switch01')
    expect(new Set((await listPlaces(cluster)).map(({ port }) => port))).toEqual(new Set(['47']))
  })
})

test('listmacs knows whose a MAC is, and whether the node is configured there', async () => {
  await changeNodes(cluster, ['node002'], { mac: macs[1], switch: 'switch01', port: 'gi1/0/2' })
  tables['switch01'] = { 2: [macs[1]], 10: [macs[0], macs[2]] }
  tables['switch02'] = { 2: [macs[1]] }
  await poll()
  expect((await listPlaces(cluster)).map(({ seenAtMs: _, ...place }) => Object.values(place).join(' '))).toEqual(
    [
      ['switch01', '2', macs[1], 'Gi1/0/2', 'node002', true],
      ['switch01', '10', macs[0], 'Gi1/0/10', 'node001', false],
      ['switch01', '10', macs[2], 'Gi1/0/10', undefined, false],
      ['switch02', '2', macs[1], 'Gi1/0/2', 'node002', false],
    ].map(words => words.join(' ')),
  )
})

describe('a machine that nobody knows is the node at its port', () => {
  beforeEach(async () => {
    await plug('node002', 'switch01', '2')
    tables['switch01'] = { 2: [macs[1]] }
  })

  test('by its number', async () => {
    await poll()
    expect(await boot(near(macs[1]), `|${macs[1]}`)).toContain('luna.node=node002 ')
    expect((await nodeOf('node002')).mac).toBe(macs[1])
    expect(await stepsOf('node002')).toEqual(['boot.request', 'boot.mac_assigned'])
    tables = { switch01: {}, switch02: {} }
    await poll()
    expect(await boot(near(macs[1]), `|${macs[1]}`)).toContain('luna.node=node002 ')
    expect(await stepsOf('node002')).toEqual(['boot.request'])
  })

  test('by its name, in whatever case', async () => {
    await plug('node002', 'switch01', 'GI1/0/2')
    await poll()
    expect(await boot(near(macs[1]), `|${macs[1]}`)).toContain('luna.node=node002 ')
  })

  test('with a BMC and bridges on the same wire', async () => {
    tables['switch01'] = { 2: [...crowd(mostMacsOfNode - 1), macs[1]] }
    await poll()
    expect(await boot(near(macs[1]), `|${macs[1]}`)).toContain('luna.node=node002 ')
  })

  test('though the switches on the way see it too', async () => {
    await plug('node003', 'switch02', '48')
    tables['switch02'] = { 48: [macs[1], ...crowd(3)] }
    await poll()
    expect(await boot(near(macs[1]), `|${macs[1]}`)).toContain('luna.node=node002 ')
  })

  const refused = async (caller: Caller, hwdata: string, message: string) => {
    await poll()
    await expect(boot(caller, hwdata)).rejects.toMatchObject({
      kind: 'notFound',
      message: expect.stringContaining(message),
    })
    expect((await nodeOf('node002')).mac).toBeUndefined()
  }

  test('not when the port leads to another switch', async () => {
    tables['switch01'] = { 2: [macs[1], ...crowd(mostMacsOfNode)] }
    await refused(near(macs[1]), `|${macs[1]}`, 'no node has a MAC of')
  })

  test('not when the switch saw it there too long ago', async () => {
    await poll()
    cluster.now += forgetMs + 1
    tables['switch01'] = {}
    await refused(near(macs[1]), `|${macs[1]}`, 'no node has a MAC of')
  })

  test('not when it only says that it has the MAC that is there', async () => {
    await refused(near(macs[3]), `|${macs[1]}|${macs[3]}`, 'no node has a MAC of')
    await refused(near(macs[3]), `|${macs[1]}`, 'no node has a MAC of')
  })

  test('not when another of its MACs is a node’s already', async () => {
    await poll()
    await expect(boot(near(macs[1]), `|${macs[0]}|${macs[1]}`)).rejects.toMatchObject({ kind: 'forbidden' })
  })

  test('not when that node is another machine', async () => {
    await changeNodes(cluster, ['node002'], { mac: macs[3] })
    await poll()
    await expect(boot(near(macs[1]), `|${macs[1]}`)).rejects.toMatchObject({
      kind: 'notFound',
      message: `10.30.0.77 (${macs[1]}) is at the port of node "node002", which is the machine with ${macs[3]}; to give it to this one, run: luna node change -n node002 --mac ''`,
    })
    expect((await nodeOf('node002')).mac).toBe(macs[3])
  })

  test('not when its cards are at the ports of two nodes', async () => {
    await plug('node003', 'switch01', '3')
    tables['switch01'] = { 2: [macs[1]], 3: [macs[2]] }
    await poll()
    await expect(boot(far, `|${macs[1]}|${macs[2]}`)).rejects.toMatchObject({
      kind: 'notFound',
      message: `10.99.0.77 (MAC unknown) is at the ports of nodes node[002-003]; to say which it is, run: luna node change -n NODE --mac ${macs[1]}`,
    })
  })

  test('behind a router it is believed', async () => {
    await poll()
    expect(await boot(far, `|${macs[1]}`)).toContain('luna.node=node002 ')
  })
})

test('two nodes that turn out to be at one port, by number and by name, are told of', async () => {
  await plug('node002', 'switch01', '2')
  await plug('node003', 'switch01', 'Gi1/0/2')
  tables['switch01'] = { 2: [macs[1]] }
  await poll()
  await expect(boot(near(macs[1]), `|${macs[1]}`)).rejects.toThrow('is at the ports of nodes node[002-003]')
})

test('a port that the switch does not have is advised of, once the switch has told its ports', async () => {
  await changeNodes(cluster, ['node002'], { switch: 'switch01', port: 'Gi1/0/49' })
  await changeNodes(cluster, ['node003'], { switch: 'switch01', port: '7' })
  const advise = () => adviseOnPorts(cluster, ['node001', 'node002', 'node003'])
  expect(await advise()).toEqual([])
  await poll()
  expect(await advise()).toEqual([
    'switch "switch01" has no such port as node "node002" is to be at: Gi1/0/49; it has 1 (Gi1/0/1) to 48 (Gi1/0/48)',
  ])
})

test('switches with nodes that wait for a MAC are the ones to hurry for', async () => {
  await addNodes(cluster, { names: ['node004'], group: 'compute' })
  await plug('node001', 'switch01', '1') // has a MAC
  await plug('node004', 'switch02', '1')
  expect((await listPolledSwitches(cluster)).map(({ one, awaited }) => [one.name, awaited])).toEqual([
    ['switch01', false],
    ['switch02', true],
  ])
})
