import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { parseAddress } from '../../src/domain/address.ts'
import { parseDatabaseUrl } from '../../src/domain/database-url.ts'
import { addSwitches } from '../../src/operations/switches.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { getSwitch } from '../../src/store/switches.ts'
import { macNumber, seeMachine } from '../machines.ts'
import { Session } from './session.ts'

let session: Session
let store: Store
beforeAll(async () => {
  session = new Session()
  store = await openStore(parseDatabaseUrl(session.site.url))
})
beforeEach(() =>
  store.write(async tx => {
    for (const table of ['node', 'machine', 'switch'] as const) await tx.deleteFrom(table).execute()
  }),
)
afterAll(async () => {
  await store.close()
  session.site.remove()
})

const minuteMs = 60_000
/** Two that wait, the second at a port of a switch, and one that is switched off. */
async function threeMachines(): Promise<void> {
  const now = Date.now()
  await seeMachine(store, [macNumber(7)], now - 60 * minuteMs, { serial: 'OFF' })
  await seeMachine(store, [macNumber(2), macNumber(3)], now - 5 * minuteMs - 500, { serial: 'S2', asset: 'A2' })
  await seeMachine(store, [macNumber(2), macNumber(3)], now - 1000, { serial: 'S2', asset: 'A2' })
  await seeMachine(store, [macNumber(1)], now - 2000, { serial: 'S1' })
  await addSwitches({ store }, ['sw1'], { addresses: [parseAddress('10.30.100.1')] })
  await store.write(async tx => {
    const { id: switchId } = await getSwitch(tx, 'sw1')
    await tx.insertInto('switchPort').values({ switchId, port: '12', name: 'Gi1/0/12' }).execute()
    await tx
      .insertInto('learnedMac')
      .values({ switchId, port: '12', mac: macNumber(1), seenAtMs: now })
      .execute()
  })
}

const discover = (...words: string[]) => session.luna(['node', 'discover', ...words])
const nodesWithMac = async () =>
  JSON.parse((await session.luna(['node', 'list', '--json'])).stdout).map((node: { name: string; mac: string }) => [
    node.name,
    node.mac,
  ])

test('lists who asked, in the order of arrival', async () => {
  await threeMachines()
  const { stdout } = await discover()
  expect(stdout.replaceAll(/\d s\b/g, 'N s')).toBe(
    [
      'MACs               Waits for   Last seen       Address      Serial  Asset  Machine     Switch port',
      '02:00:00:00:00:07  -           1 h 00 min ago  10.30.200.7  OFF     -      Maker R740  -',
      '02:00:00:00:00:02  5 min 0N s  N s ago         10.30.200.2  S2      A2     Maker R740  -',
      '02:00:00:00:00:03',
      '02:00:00:00:00:01  N s         N s ago         10.30.200.1  S1      -      Maker R740  sw1 Gi1/0/12',
      '',
    ].join('\n'),
  )
  expect((await discover('--by', 'port')).stdout.split('\n')[1]).toMatch(/^02:00:00:00:00:01 /)
})

test('prints them for scripts', async () => {
  await threeMachines()
  const [, , machine] = JSON.parse((await discover('--json')).stdout)
  expect(machine).toEqual({
    ...{ mac: macNumber(1), macs: [macNumber(1)], waiting: true, address: '10.30.200.1' },
    ...{ serial: 'S1', asset: '', uuid: '', manufacturer: 'Maker', product: 'R740' },
    ...{ first_seen_at_ms: expect.any(Number), arrived_at_ms: expect.any(Number), last_seen_at_ms: expect.any(Number) },
    ...{ asked: 1, switch: 'sw1', port: '12', port_name: 'Gi1/0/12' },
  })
})

test('gives names, and says which machine got which', async () => {
  await threeMachines()
  expect(await discover('--assign', 'node[001-002]', '-g', 'compute', '--dry-run')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(`+mac: ${macNumber(2)}`),
  })
  expect(await discover('--assign', 'node[001-002]', '-g', 'compute')).toEqual({
    status: 0,
    stdout:
      'node001  02:00:00:00:00:02  10.30.200.2  serial S2  asset A2\nnode002  02:00:00:00:00:01  10.30.200.1  serial S1  at sw1 Gi1/0/12\n',
    stderr: '',
  })
  expect(await nodesWithMac()).toEqual([
    ['node001', macNumber(2)],
    ['node002', macNumber(1)],
  ])
  const { stdout } = await discover('--assign', 'node003', '-g', 'compute', '--all', '--json')
  expect(JSON.parse(stdout)).toMatchObject([{ node: 'node003', mac: macNumber(7), waiting: false }])
})

test('refuses more names than machines, and changes nothing', async () => {
  await threeMachines()
  const rows = session.site.rows()
  expect(await discover('--assign', 'node[001-040]', '-g', 'compute')).toEqual({
    status: 6,
    stdout: '',
    stderr:
      'luna: names 40, machines waiting 2 (1 more did not ask for 15 minutes: --all counts them in); nothing was changed; --wait gives the names as machines arrive\n',
  })
  expect(session.site.rows()).toEqual(rows)
})

test('waits for machines, and names each as it arrives', async () => {
  await threeMachines()
  const { LUNA_TEST_BIN: bin } = process.env
  const words = ['node', 'discover', '--assign', 'node[001-003]', '-g', 'compute', '--wait']
  const env = { ...process.env, LUNA_CONF: `${session.site.directory}/luna.conf` }
  const luna = spawn(`${bin}/luna`, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  for await (const line of createInterface(luna.stdout)) {
    lines.push(line)
    if (lines.length === 2) await seeMachine(store, [macNumber(9)], Date.now())
  }
  const [status] = luna.exitCode === null ? await once(luna, 'exit') : [luna.exitCode]
  expect([status, lines.map(line => line.split('  ').slice(0, 2))]).toEqual([
    0,
    [
      ['node001', macNumber(2)],
      ['node002', macNumber(1)],
      ['node003', macNumber(9)],
    ],
  ])
})

test('a rehearsal does not wait', async () => {
  await threeMachines()
  const { stdout } = await discover('--assign', 'node[001-003]', '-g', 'compute', '--wait', '--dry-run')
  expect(stdout).toMatch(/would wait for machines, for node "node003"\n$/)
  expect(await nodesWithMac()).toEqual([])
})

test('forgets', async () => {
  await threeMachines()
  expect(await discover('--forget', '02-00-00-00-00-03')).toMatchObject({ status: 0 })
  expect((await discover()).stdout).not.toContain(macNumber(2))
  expect(await discover('--forget', macNumber(3))).toMatchObject({
    status: 3,
    stderr: `luna: no unknown machine has the MAC ${macNumber(3)}; see: luna node discover\n`,
  })
  expect(await discover('--forget', 'all')).toMatchObject({ status: 0 })
  expect(JSON.parse((await discover('--json')).stdout)).toEqual([])
})

test.each([
  ['--wait', 'luna: --wait belongs to --assign HOSTLIST; see: luna node discover --help\n'],
  ['-g compute', 'luna: --group belongs to --assign HOSTLIST; see: luna node discover --help\n'],
  ['--forget all --assign a', 'luna: --forget and --assign are two things; do one after the other\n'],
  [
    '--assign a --wait --by port',
    'luna: --wait gives names as machines arrive; --by and --all are for those that are there\n',
  ],
  ['--assign a', 'luna: node "a" cannot be made without a group: -g GROUP\n'],
  ['--assign a[', 'luna: "a[" is not a hostlist (like node001, node[001-005,007] or node001,login1)\n'],
  ['--by height', 'luna: machines are ordered by arrival, port, serial, not by "height"\n'],
  ['--forget none', /^luna: "none" is not the MAC address of a network card/],
])('%s: one line, status 2', async (words, line) => {
  const { status, stderr } = await discover(...words.split(' '))
  expect(status).toBe(2)
  expect(stderr).toMatch(line)
})
