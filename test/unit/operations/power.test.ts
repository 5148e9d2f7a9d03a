import { expect, it } from 'vitest'
import type { Exec } from '../../../src/effects/exec.ts'
import { addBmcsetup } from '../../../src/operations/bmcsetups.ts'
import { addGroup, changeGroup } from '../../../src/operations/groups.ts'
import { addNodes } from '../../../src/operations/nodes.ts'
import { powerNodes } from '../../../src/operations/power.ts'
import type { Command } from '../../../src/tools/command.ts'
import { scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

const input = { action: 'status', interface: 'BMC', fanout: 2, timeoutMs: 1000 } as const

/** node001 to node003 with controllers, nobmc001 without an address for one; the ipmitool of `answer` in place of the hardware. */
async function createCluster(answer: (command: Command) => string = () => 'Chassis Power is on\n') {
  const store = await scratchStore()
  await fillSmallCluster(store)
  await addBmcsetup({ store }, 'base', { user: 'admin', password: 'secret' })
  await changeGroup({ store }, 'compute', { bmcsetup: 'base' })
  await addGroup({ store }, { name: 'nobmc', osimage: 'compute', network: 'cluster', bmcsetup: 'base' })
  await addNodes({ store }, { names: ['node001', 'node002', 'node003'], group: 'compute' })
  await addNodes({ store }, { names: ['nobmc001'], group: 'nobmc' })
  const asked: Command[] = []
  const run = async (command: Command) => {
    asked.push(command)
    return { stdout: answer(command), stderr: '' }
  }
  return { store, exec: { run } as unknown as Exec, asked }
}

it('asks the address on the interface as the user of the bmcsetup, and goes on past a node that has none', async () => {
  const { asked, ...luna } = await createCluster()
  const came: string[] = []
  const names = ['node001', 'nobmc001', 'node003']
  const results = await powerNodes(luna, { ...input, hosts: { names } }, result => came.push(result.node))
  expect(results).toEqual([
    { node: 'nobmc001', address: undefined, state: undefined, error: expect.stringMatching(/no address.*show nobmc/) },
    { node: 'node001', address: '10.31.0.1', state: 'on', error: undefined },
    { node: 'node003', address: '10.31.0.3', state: 'on', error: undefined },
  ])
  expect(came.toSorted()).toEqual(names.toSorted())
  expect(asked.map(({ argv }) => argv.slice(3, 8).join(' ')).sort()).toEqual([
    'lanplus -H 10.31.0.1 -U admin',
    'lanplus -H 10.31.0.3 -U admin',
  ])
  expect(asked[0]!.env).toMatchObject({ IPMITOOL_PASSWORD: 'secret' })
})

it('takes all nodes of groups', async () => {
  const { asked, ...luna } = await createCluster()
  const results = await powerNodes(luna, { ...input, hosts: { groups: ['compute', 'nobmc'] } })
  expect(results.map(({ node }) => node)).toEqual(['nobmc001', 'node001', 'node002', 'node003'])
  expect(asked).toHaveLength(3)
})

it('says which group lacks a bmcsetup', async () => {
  const { asked, ...luna } = await createCluster()
  await changeGroup(luna, 'compute', { bmcsetup: undefined })
  const [result] = await powerNodes(luna, { ...input, hosts: { names: ['node001'] } })
  expect(result!.error).toBe('group "compute" has no bmcsetup; run: luna group change compute -b NAME')
  expect(asked).toEqual([])
})

it.each([
  [{ names: ['node001', 'node999'] }, /no node "node999"/],
  [{ groups: ['compute', 'x'] }, /no group "x"/],
])('asks nobody when a name of %j is nobody', async (hosts, message) => {
  const { asked, ...luna } = await createCluster()
  await expect(powerNodes(luna, { ...input, hosts })).rejects.toThrow(message)
  expect(asked).toEqual([])
})

it('refuses an answer without sense', async () => {
  const luna = await createCluster(() => 'Chassis Power is purple\n')
  const [result] = await powerNodes(luna, { ...input, hosts: { names: ['node001'] } })
  expect(result).toMatchObject({ state: undefined, error: 'the BMC gave an answer that makes no sense' })
})
