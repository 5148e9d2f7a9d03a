import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DhcpServer } from '../../src/domain/dhcp-server.ts'
import { askWithDhclient, askWithUdhcpc } from './dhcp/clients.ts'
import type { RunningServer } from './dhcp/server.ts'
import { DhcpSite, nodeMac } from './dhcp/site.ts'
import type { Namespace } from './lweb/namespace.ts'

const [first, second] = ['10.30.255.252', '10.30.255.253'] as const

/** What each says once it has found the other, and once it has missed it. */
const words: Record<DhcpServer, { together: RegExp; alone: RegExp }> = {
  isc: {
    together: /failover peer luna: I move from \S+ to normal/,
    alone: /failover peer luna: I move from normal to communications-interrupted/,
  },
  kea: { together: /HA_STATE_TRANSITION .* to HOT-STANDBY/, alone: /HA_STATE_TRANSITION .* to PARTNER-DOWN/ },
}

/** Two heads with the files that Luna writes on each; one dies. */
describe.each<DhcpServer>(['isc', 'kea'])('%s', kind => {
  let site: DhcpSite
  let heads: { namespace: Namespace; file: string; server: RunningServer }[]
  let node: Namespace
  let strangers: Namespace[]

  beforeAll(async () => {
    site = await DhcpSite.open(kind, [first, second])
    const start = async (own: string, mac: string) => {
      const namespace = await site.machine(mac, `${own}/16`)
      const file = await site.configure(own, true)
      return { namespace, file, server: await site.serve(namespace, file) }
    }
    heads = [await start(first, '52:54:00:30:ff:fc'), await start(second, '52:54:00:30:ff:fd')]
    for (const { server } of heads) await server.says(words[kind].together, 60_000)
    node = await site.machine(nodeMac)
    strangers = await Promise.all([1, 2, 3].map(number => site.machine(`52:54:00:30:99:0${number}`)))
  })
  afterAll(() => site.close())

  const given: string[] = []
  const askAsStranger = async (number: number) => {
    const { ip } = await askWithUdhcpc(strangers[number]!)
    expect(ip).toMatch(/^10\.30\.128\.\d+$/)
    given.push(ip!)
  }

  test('both up: nodes get their addresses, others one of the range', async () => {
    expect(await askWithDhclient(node)).toMatchObject({ ip_address: '10.30.0.1', host_name: 'node001' })
    await askAsStranger(0)
  })

  test.runIf(kind === 'kea')('no machine has a head do anything but what the pair is for', async () => {
    const ask = async (command: string) => {
      const request = ['curl', '-sS', '--max-time', '10', '-H', 'Content-Type: application/json', '-d', command]
      return heads[1]!.namespace.run(...request, `http://${first}:8001/`)
    }
    expect(await ask('{"command":"ha-heartbeat"}')).toContain('"state": "hot-standby"')
    for (const command of ['config-get', 'config-set', 'shutdown'])
      expect(await ask(`{"command":"${command}"}`)).toContain('Forbidden')
  })

  test('the first one is killed: the second goes on', async () => {
    await heads[0]!.server.kill()
    await heads[1]!.server.says(words[kind].alone, 60_000)
    expect(await askWithDhclient(node)).toMatchObject({
      ip_address: '10.30.0.1',
      dhcp_server_identifier: second,
      next_server: '10.30.255.254',
    })
    await askAsStranger(1)
    await askAsStranger(0)
    expect(given[2]).toBe(given[0])
  })

  test('it comes back: they are a pair again, and no address is given twice', async () => {
    heads[1]!.server.forget()
    const server = await site.serve(heads[0]!.namespace, heads[0]!.file)
    await server.says(words[kind].together, 60_000)
    await askAsStranger(2)
    expect(new Set(given).size).toBe(3)
  })
})
