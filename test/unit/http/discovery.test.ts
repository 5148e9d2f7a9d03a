import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { listMachines } from '../../../src/store/machines.ts'
import { type BootCluster, createBootCluster } from '../../boot-cluster.ts'
import { macNumber } from '../../machines.ts'

let cluster: BootCluster
let app: FastifyInstance
let url: string
beforeEach(async () => {
  cluster = await createBootCluster()
  const neighbours = { find: async () => ({ own: false, macs: [macNumber(1)] }) }
  const tracker = { forward: () => Promise.reject(new Error('not here')), close: () => {} }
  // light-my-request has no port of a sender
  app = await createApp(
    { ...cluster, neighbours, tracker, seeding: { now: async () => false } },
    { warn: () => {}, error: () => {} },
  )
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(async () => {
  await app.close()
  await cluster.close()
})

const ask = async (query: string) => {
  const answer = await fetch(`${url}/luna?${query}`)
  return { status: answer.status, body: await answer.text() }
}
/** What is kept when lweb ends. */
const kept = async () => {
  await app.close()
  return cluster.store.read(listMachines)
}
const hwdata = `hwdata=AT&T%20%23|${macNumber(1)}|${macNumber(2)}`

test('an unknown machine is told so by the status, and kept with all that its menu sends', async () => {
  const uuid = '4c4c4544-0039-3710-8032-b3c04f4d3232'
  const more = `mac=02-00-00-00-00-01&uuid=${uuid}&serial=S&N%201&manufacturer=A&B&product=R%20740`
  expect((await ask(`step=discovery&${more}&${hwdata}`)).status).toBe(404)
  const identity = { asset: 'AT&T #', serial: 'S&N 1', uuid, manufacturer: 'A&B', product: 'R 740' }
  expect(await kept()).toMatchObject([{ ...identity, macs: [macNumber(1), macNumber(2)], asked: 1 }])
})

test('one whose menu is the original’s is kept too', async () => {
  expect((await ask(`step=discovery&${hwdata}`)).status).toBe(404)
  expect(await kept()).toMatchObject([{ asset: 'AT&T #', serial: '', uuid: '' }])
})

test('firmware of nonsense does not keep a machine from anything', async () => {
  const more = `mac=%ff&uuid=%00&serial=%1b%5b2J&manufacturer=${'Y'.repeat(5000)}&product=%e2%80%ae`
  expect((await ask(`step=discovery&${more}&${hwdata}`)).status).toBe(404)
  const nothing = { uuid: '', serial: '', product: '' }
  expect(await kept()).toMatchObject([{ ...nothing, manufacturer: 'Y'.repeat(64) }])
})

test('a name that no node can have is told on the console', async () => {
  const { status, body } = await ask(`step=discovery&node=%00node001&${hwdata}`)
  expect([status, body]).toEqual([200, expect.stringMatching(/^echo Luna: .*cannot be a host's name/m)])
})

test('a chosen node that is not there is told on the console; the machine is kept', async () => {
  expect(await ask(`step=discovery&node=node999&${hwdata}`)).toEqual({
    status: 200,
    body: expect.stringMatching(/^#!ipxe\n[\s\S]*echo Luna: there is no node "node999"; see: luna node list\n/),
  })
  expect((await ask(`step=discovery&node=node999&type=syslinux&${hwdata}`)).status).toBe(404)
  expect(await kept()).toHaveLength(1)
})

test('who chose a node is not kept any more', async () => {
  await ask(`step=discovery&${hwdata}`)
  expect((await ask(`step=discovery&node=node002&${hwdata}`)).body).toContain('luna.node=node002 ')
  expect(await kept()).toEqual([])
})

test('the nodes to choose from', async () => {
  expect(await ask('step=choose')).toEqual({
    status: 200,
    body: expect.stringContaining('\nitem node002 node002 (no machine yet)\n'),
  })
})
