import { beforeEach, describe, expect, test } from 'vitest'
import { parseAddress } from '../../../src/domain/address.ts'
import { addNodes, changeNodes, removeNodes } from '../../../src/operations/nodes.ts'
import { addSwitches, removeSwitches, renameSwitch } from '../../../src/operations/switches.ts'
import { getNode } from '../../../src/store/nodes.ts'
import type { Store } from '../../../src/store/store.ts'
import { getSwitch } from '../../../src/store/switches.ts'
import { scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

let luna: { store: Store }

beforeEach(async () => {
  luna = { store: await scratchStore() }
  await fillSmallCluster(luna.store)
  await addNodes(luna, { names: ['node001', 'node002'], group: 'compute' })
  for (const number of [1, 2])
    await addSwitches(luna, [`switch0${number}`], { addresses: [parseAddress(`10.31.253.2${number}`)] })
})

const plug = (name: string, at: { switch?: string | null; port?: string | null }) => changeNodes(luna, [name], at)
const placeOf = async (name: string) => {
  const { switch: at, port } = await luna.store.read(tx => getNode(tx, name))
  return [at, port]
}

/** As if the switch had told its port map. */
const learnPortMap = (name: string, ports: Record<string, string>) =>
  luna.store.write(async tx => {
    const { id: switchId } = await getSwitch(tx, name)
    const values = Object.entries(ports).map(([port, portName]) => ({ switchId, port, name: portName }))
    await tx.insertInto('switchPort').values(values).execute()
  })

describe('a node', () => {
  test('is plugged in by two commands or one, and unplugged', async () => {
    await plug('node001', { switch: 'switch01' })
    await plug('node001', { port: '1' })
    expect(await placeOf('node001')).toEqual(['switch01', '1'])
    await plug('node001', { switch: 'switch02', port: 'Gi1/0/5' })
    await plug('node001', { switch: 'switch02', port: 'Gi1/0/5' })
    expect(await placeOf('node001')).toEqual(['switch02', 'Gi1/0/5'])
    await plug('node001', { port: null })
    expect(await placeOf('node001')).toEqual(['switch02', undefined])
    await plug('node001', { switch: null })
    expect(await placeOf('node001')).toEqual([undefined, undefined])
  })

  test('keeps its place when something else changes, or the switch gets another name', async () => {
    await plug('node001', { switch: 'switch01', port: '1' })
    await changeNodes(luna, ['node001'], { localboot: true })
    await renameSwitch(luna, 'switch01', 'core')
    expect(await placeOf('node001')).toEqual(['core', '1'])
  })
})

describe('one port is one node’s', () => {
  const refused = (name: string, at: { switch?: string; port?: string }, message: string) =>
    expect(plug(name, at)).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining(message) })

  test('by the same spelling', async () => {
    await plug('node001', { switch: 'switch01', port: '5' })
    await refused('node002', { switch: 'switch01', port: '5' }, 'port 5 of switch "switch01" is node "node001"\'s')
    await plug('node002', { switch: 'switch02', port: '5' })
    await refused('node002', { switch: 'switch01' }, "to free it: luna node change node001 -p ''")
    expect(await placeOf('node002')).toEqual(['switch02', '5'])
  })

  test('by number and name, when the switch has told its port map', async () => {
    await learnPortMap('switch01', { 5: 'Gi1/0/5', 6: 'Gi1/0/6' })
    await plug('node001', { switch: 'switch01', port: 'gi1/0/5' })
    await refused('node002', { switch: 'switch01', port: '5' }, '(as gi1/0/5)')
    await plug('node001', { port: '5' })
    await refused('node002', { switch: 'switch01', port: 'Gi1/0/5' }, '(as 5)')
    await plug('node002', { switch: 'switch01', port: '6' })
  })

  test('a number means the number, even when another port is named like it', async () => {
    await learnPortMap('switch01', { 1: '2', 2: '1' })
    await plug('node001', { switch: 'switch01', port: '1' })
    await plug('node002', { switch: 'switch01', port: '2' })
  })

  test('among nodes that are moved to a switch together', async () => {
    await plug('node001', { switch: 'switch01', port: '5' })
    await plug('node002', { switch: 'switch02', port: '5' })
    await expect(changeNodes(luna, ['node001', 'node002'], { switch: 'switch01' })).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('port 5 of switch "switch01" is node "node001"\'s'),
    })
    expect(await placeOf('node002')).toEqual(['switch02', '5'])
    await plug('node002', { port: '6' })
    await changeNodes(luna, ['node001', 'node002'], { switch: 'switch01' })
    expect([await placeOf('node001'), await placeOf('node002')]).toEqual([
      ['switch01', '5'],
      ['switch01', '6'],
    ])
  })

  test('several nodes cannot be given one at once', async () => {
    await expect(changeNodes(luna, ['node001', 'node002'], { port: '1' })).rejects.toMatchObject({ kind: 'usage' })
    await changeNodes(luna, ['node001', 'node002'], { switch: 'switch01', port: null })
    expect(await placeOf('node002')).toEqual(['switch01', undefined])
  })
})

test('a switch that nodes are plugged in is not deleted', async () => {
  await changeNodes(luna, ['node001', 'node002'], { switch: 'switch01' })
  await expect(removeSwitches(luna, ['switch02', 'switch01'])).rejects.toMatchObject({
    kind: 'inUse',
    message: 'switch "switch01" is used by nodes node[001-002]; nothing was deleted',
  })
  await removeNodes(luna, ['node001', 'node002'])
  await removeSwitches(luna, ['switch02', 'switch01'])
})

test('a switch that is not there is named', async () => {
  await expect(plug('node001', { switch: 'nope' })).rejects.toMatchObject({ kind: 'notFound' })
})
