import { beforeEach, expect, test } from 'vitest'
import { checkNameFree } from '../../../src/operations/names.ts'
import { addNodes, listNodesWithStatus, renameNode } from '../../../src/operations/nodes.ts'
import type { Store } from '../../../src/store/store.ts'
import { scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

let luna: { store: Store }

beforeEach(async () => {
  luna = { store: await scratchStore() }
  await fillSmallCluster(luna.store)
  const rest = { readCommunity: 'public', rwCommunity: 'private', oid: '.1', comment: '' }
  await luna.store.write(async tx => {
    for (const name of ['node002', 'node003'])
      await tx
        .insertInto('switch')
        .values({ ...rest, name })
        .execute()
    await tx.insertInto('otherdev').values({ name: 'node001', comment: '' }).execute()
  })
})

const add = (...names: string[]) => addNodes(luna, { names, group: 'compute' })
const nodes = async () => (await listNodesWithStatus(luna, {})).map(({ node }) => node.name)

test.each([
  ['node001', 'otherdev "node001" exists already; nodes, switches and otherdevs cannot share a name'],
  ['node002', 'switch "node002" exists already; nodes, switches and otherdevs cannot share a name'],
])('%s is taken', async (name, message) => {
  await expect(luna.store.read(tx => checkNameFree(tx, name))).rejects.toMatchObject({ kind: 'conflict', message })
})

test('nodes cannot have the names of others, neither new nor renamed ones', async () => {
  await expect(add('node001', 'node002', 'node003', 'node004')).rejects.toThrow(
    'otherdev "node001" and switches node[002-003] exist already; nodes, switches and otherdevs cannot share a name',
  )
  await add('node004')
  await expect(renameNode(luna, 'node004', 'node003')).rejects.toThrow('switch "node003" exists already')
  await renameNode(luna, 'node004', 'node004')
  expect(await nodes()).toEqual(['node004'])
})

test('the next free name is free of others, too', async () => {
  expect(await addNodes(luna, { names: undefined, group: 'compute' })).toEqual(['node004'])
})
