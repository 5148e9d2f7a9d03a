import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Machine } from './lweb/namespace.ts'
import { type Daemon, Site, strangersMac, until } from './lweb/site.ts'
import { SwitchAgent } from './snmp/agent.ts'
import { plainSwitch, vlanSwitch } from './snmp/tables.ts'

/** The real lweb, asking real agents, while a real machine asks it. */
let site: Site
let stranger: Machine
let lweb: Daemon
const agents: SwitchAgent[] = []

const ports = { 5: 'Gi1/0/5', 6: 'Gi1/0/6', 48: 'Te1/1/1' }
const crowd = Array.from({ length: 40 }, (_, index) => ({ mac: `52:54:99:00:00:${10 + index}`, port: 48 }))
const empty = vlanSwitch({ ports, firstInterface: 10101, entries: crowd })
const withStranger = vlanSwitch({
  ports,
  firstInterface: 10101,
  entries: [...crowd, { mac: strangersMac, port: 5, vlan: 30 }, { mac: '52:54:00:00:00:b0', port: 5 }],
})
const v3 = ['createUser luna SHA "authauth" AES "privpriv"', 'rouser luna priv']
const v3Options = ['--snmp_user', 'luna', '--auth_password', 'authauth', '--priv_password', 'privpriv']

const luna = (...words: string[]) => site.onHead(process.execPath, 'bin/luna.ts', ...words)
const node = async (name: string) => JSON.parse(await luna('node', 'show', name, '--json'))
const discover = () => site.ask(stranger, `/luna?step=discovery&hwdata=|52:54:00:00:00:b0|${strangersMac}`)
const said = (text: string) => lweb.log.filter(line => line.includes(text)).length
const startAgent = async (name: string, address: string, table: string, access?: string[]) => {
  await site.head.run('ip', 'address', 'add', `${address}/16`, 'dev', 'br0')
  const agent = await SwitchAgent.start(site.head, join(site.cluster.directory, name), address, table, access)
  agents.push(agent)
  return agent
}

beforeAll(async () => {
  site = await Site.open()
  stranger = await site.stranger()
  await startAgent('switch01', '10.31.253.21', empty)
  await luna('switch', 'add', 'switch01', '-i', '10.31.253.21')
  await luna('node', 'change', 'node002', '-s', 'switch01', '-p', 'gi1/0/5')
  await luna('node', 'change', 'node003', '-s', 'switch01', '-p', '48')
  lweb = await site.daemon('lweb', /lweb listens on/)
})
afterAll(async () => {
  for (const agent of agents) await agent.stop()
  await site.close()
})

test('a machine becomes the node at its port within moments of the switch learning of it', async () => {
  await until('first poll', async () => (await luna('cluster', 'listmacs')).includes('52:54:99'))
  expect((await discover()).status).toBe(404)
  agents[0]!.set(withStranger)
  let body = ''
  await until('recognised', async () => {
    const answer = await discover()
    body = answer.body
    return answer.status === 200
  })
  expect(body).toContain('luna.node=node002 ')
  const { mac, events } = await node('node002')
  expect(mac).toBe(strangersMac)
  expect(events.map(({ step }: { step: string }) => step)).toEqual(['boot.request', 'boot.mac_assigned'])
  expect((await node('node003')).mac).toBeNull()
})

test('listmacs shows where everything is', async () => {
  const lines = (await luna('cluster', 'listmacs')).split('\n').map(line => line.split(/ +/).join(' '))
  expect(lines.slice(0, 4)).toEqual([
    'Switch Port Portname MAC Confport Node',
    `switch01 5 Gi1/0/5 ${strangersMac} yes node002`,
    'switch01 5 Gi1/0/5 52:54:00:00:00:b0 - -',
    'switch01 48 Te1/1/1 52:54:99:00:00:10 - -',
  ])
  const places = JSON.parse(await luna('cluster', 'listmacs', '--json'))
  expect(places).toHaveLength(42)
  expect(places[0]).toEqual({
    switch: 'switch01',
    port: '5',
    port_name: 'Gi1/0/5',
    mac: strangersMac,
    node: 'node002',
    confport: true,
    seen_at_ms: expect.any(Number),
  })
})

test('a switch that does not answer costs one line, and one when it is back', async () => {
  const other = () => site.ask(stranger, '/luna?step=discovery&hwdata=|52:54:00:00:00:77')
  await agents[0]!.stop()
  await until('it is said', async () => {
    await other()
    return said('does not answer SNMP v2c') > 0
  })
  expect(await luna('switch', 'list')).toContain('does not answer SNMP v2c: is it on, is the address right')
  expect((await discover()).status).toBe(200)
  await agents[0]!.resume()
  await until('it is back', async () => {
    await other()
    return said('switch "switch01" (10.31.253.21) is all right again') > 0
  })
  expect(said('does not answer SNMP v2c')).toBe(1)
  expect(await luna('switch', 'list')).toMatch(/answered \d+ s ago/)
})

test('another address and v3 are followed at once; so is the end', async () => {
  const table = plainSwitch({ ports: { 1: '1' }, firstInterface: 1, entries: [{ mac: '52:54:00:00:00:aa', port: 1 }] })
  await startAgent('switch02', '10.31.253.22', table, v3)
  await luna('node', 'change', 'node003', '-p', '')
  const change = ['-i', '10.31.253.22', '-o', '.1.3.6.1.2.1.17.4.3.1.2', ...v3Options]
  await luna('switch', 'change', 'switch01', ...change)
  expect(await luna('cluster', 'listmacs')).not.toContain('52:54:99')
  await until('v3 is asked', async () =>
    (await luna('cluster', 'listmacs')).includes('switch01  1     1         52:54:00:00:00:aa'),
  )
  await luna('node', 'change', 'node[002-003]', '-s', '')
  await luna('switch', 'delete', 'switch01')
  expect(await luna('cluster', 'listmacs')).not.toContain('52:54')
  expect(lweb.log.join('\n')).not.toMatch(/authauth|privpriv|cannot be stored|fault/)
})

test('it ends in the middle of a poll without waiting for it', async () => {
  await luna('switch', 'add', 'silent', '-i', '10.31.253.23')
  // the agent of switch02 listens at port 161; what else there is waits for an answer
  const sockets = async () =>
    (await site.head.run('ss', '-Huan')).split('\n').filter(line => line && !line.includes(':161 '))
  await until('it is asked', async () => (await sockets()).length > 0)
  const from = Date.now()
  await lweb.end('SIGTERM')
  expect(Date.now() - from).toBeLessThan(3_000)
})
