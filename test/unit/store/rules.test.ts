import { beforeEach, describe, expect, test } from 'vitest'
import { parseAddress } from '../../../src/domain/address.ts'
import { parseMac } from '../../../src/domain/mac.ts'
import { addNodes, changeNodes } from '../../../src/operations/nodes.ts'
import { insertAddress } from '../../../src/store/addresses.ts'
import { insertBmcsetup } from '../../../src/store/bmcsetups.ts'
import { deleteGroup, getGroup } from '../../../src/store/groups.ts'
import { listHostNames } from '../../../src/store/host-names.ts'
import { deleteNetwork, getNetwork } from '../../../src/store/networks.ts'
import { deleteNodes, getNode, updateNode } from '../../../src/store/nodes.ts'
import { deleteOsimage, getOsimage } from '../../../src/store/osimages.ts'
import type { Store, Tx } from '../../../src/store/store.ts'
import { scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

let store: Store

beforeEach(async () => {
  store = await scratchStore()
  await fillSmallCluster(store)
  await addNodes({ store }, { names: ['node001', 'node002'], group: 'compute' })
  await changeNodes({ store }, ['node001'], { mac: parseMac('52:54:00:00:00:01') })
})

/** What two commands at once could do to each other, though operations look first. */
describe('the database itself refuses', () => {
  const count = async () => (await store.read(listHostNames)).size

  test.each<[string, string, (tx: Tx) => Promise<unknown>]>([
    [
      'a double address',
      'conflict',
      async tx => {
        const [node, network] = [await getNode(tx, 'node002'), await getNetwork(tx, 'cluster')]
        const { id: interfaceId } = (await getGroup(tx, 'compute')).interfaces[1]!
        const address = parseAddress('10.30.0.1')
        await insertAddress(tx, { nodeId: node.id, networkId: network.id, interfaceId, address })
      },
    ],
    [
      'a double MAC',
      'conflict',
      async tx => updateNode(tx, { ...(await getNode(tx, 'node002')), mac: parseMac('52:54:00:00:00:01') }),
    ],
    ['a double name', 'conflict', async tx => updateNode(tx, { ...(await getNode(tx, 'node002')), name: 'node001' })],
    ['an osimage gone from its group', 'inUse', async tx => deleteOsimage(tx, (await getOsimage(tx, 'compute')).id)],
    ['a network gone from its group', 'inUse', async tx => deleteNetwork(tx, (await getNetwork(tx, 'cluster')).id)],
    ['a group gone from its nodes', 'inUse', async tx => deleteGroup(tx, (await getGroup(tx, 'compute')).id)],
  ])('%s', async (_, kind, break_) => {
    await expect(store.write(break_)).rejects.toMatchObject({ name: 'LunaError', kind })
    expect(await count()).toBe(2)
  })
})

test('a node takes its addresses with it', async () => {
  await store.write(async tx => deleteNodes(tx, [(await getNode(tx, 'node001')).id]))
  const left = await store.read(tx => tx.selectFrom('address').select('address').execute())
  expect(left).toHaveLength(2)
})

test('a transaction that throws leaves nothing', async () => {
  const bmcsetup = { name: 'x', user: 'u', password: 'p', userid: 3, netchannel: 1, mgmtchannel: 1, comment: '' }
  const failing = store.write(async tx => {
    await insertBmcsetup(tx, bmcsetup)
    throw new Error('midway')
  })
  await expect(failing).rejects.toThrow('midway')
  expect(await store.read(tx => tx.selectFrom('bmcsetup').select('name').execute())).toEqual([])
})

test('a read cannot write', async () => {
  await expect(store.read(tx => deleteNodes(tx, [1]))).rejects.toThrow()
  expect((await store.read(tx => listHostNames(tx))).has('node001')).toBe(true)
})
