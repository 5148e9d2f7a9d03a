import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isAlive } from '../../lab/process-identity.ts'
import { findState, statePath } from '../../lab/state.ts'
import {
  lab,
  namespaceOf,
  nodeStatuses,
  nodeViews,
  onLabHead,
  processesIn,
  type Running,
  startLab,
  tracesOnMachine,
} from './luna-lab.ts'

/** So narrow a head that two nodes have no choice but to help each other. */
const narrowHead = { LUNA_LAB_SEEDER_LIMIT: `${3 * 2 ** 20}` }
const names = ['node001', 'node002']
const bootTimeoutMs = 400_000
const labDirectory = process.env['LUNA_LAB_DIR'] ?? '/var/cache/luna-lab'

/** Whether the lab that is there is these tests' own. */
let ours = false

beforeAll(() => {
  const state = findState()
  if (state && isAlive(state.keeper)) throw new Error('a lab is running; these tests need its place: luna-lab down')
  ours = true
})

afterAll(async () => {
  if (ours) await lab('down')
})

const etcOfMachine = () => ['/etc/passwd', '/etc/dhcp/dhcpd.conf', '/etc/hosts'].map(path => readFileSync(path, 'utf8'))

describe('two bare machines', () => {
  test('become nodes that get the image from the head and from each other', async () => {
    const before = etcOfMachine()
    const { status, output } = await startLab(['up', '--nodes', '2'], narrowHead).ended
    expect(status, output).toBe(0)
    for (const command of ['luna cluster init --frontend_address 10.30.255.254', 'luna osimage pack compute'])
      expect(output).toContain(`head# ${command}\n`)
    expect(output).toMatch(/^seconds +PXE +kernel +initrd +download +unpack +install +boot +total/m)
    const statuses = await nodeStatuses()
    expect(statuses.map(({ state }) => state)).toEqual(['up', 'up'])
    const size = statSync(await imageTarball()).size
    for (const { bytes_from_head, bytes_from_peers } of statuses)
      expect(bytes_from_head! + bytes_from_peers!).toBeGreaterThanOrEqual(size)
    expect(statuses.reduce((sum, { bytes_from_peers }) => sum + bytes_from_peers!, 0)).toBeGreaterThan(2 ** 20)
    expect(etcOfMachine()).toEqual(before)
  })

  test('are who they should be, and say so by ssh', async () => {
    for (const [index, name] of names.entries()) {
      expect(await lab('ssh', name, 'hostname')).toEqual({ status: 0, output: `${name}.cluster\n` })
      const { output } = await lab('ssh', name, 'ip', '-brief', '-4', 'address', 'show')
      expect(output).toContain(` 10.30.0.${index + 1}/16 `)
      expect((await lab('ssh', name, 'findmnt', '-no', 'FSTYPE', '/')).output).toBe('tmpfs\n')
      expect((await lab('ssh', name, 'systemctl', 'is-system-running', '--wait')).output).toBe('running\n')
    }
    expect((await lab('ssh', 'node001', 'exit 7')).status).toBe(7)
    expect((await lab('ssh', 'node003', 'true')).output).toContain('the lab has no node "node003"')
  })

  test('are known, the one by its MAC and the other by its port of the switch, which the head learned the MAC from', async () => {
    const [first, second] = JSON.parse(await onLabHead('luna', 'node', 'show', names.join(), '--json')) as KnownNode[]
    expect([first!.switch, first!.port]).toEqual([null, null])
    expect(first!.events.map(({ step }) => step)).not.toContain('boot.mac_assigned')
    expect(second).toMatchObject({ switch: 'switch01', port: 'tap2', mac: '52:54:00:4c:00:02' })
    expect(second!.events.map(({ step }) => step)).toContain('boot.mac_assigned')
    const listed = JSON.parse(await onLabHead('luna', 'cluster', 'listmacs', '--json')) as object[]
    expect(listed).toContainEqual(
      expect.objectContaining({
        switch: 'switch01',
        port_name: 'tap2',
        mac: second!.mac,
        node: 'node002',
        confport: true,
      }),
    )
    expect(listed).toContainEqual(expect.objectContaining({ port_name: 'tap1', node: 'node001', confport: false }))
  })

  test('come up though their image is packed again meanwhile and both daemons are killed in mid-download', async () => {
    for (const name of names) expect(await lab('power', name, 'reset')).toMatchObject({ status: 0 })
    const pack = startLab(['exec', 'luna', 'osimage', 'pack', 'compute'])
    await expect.poll(downloading, { timeout: bootTimeoutMs, interval: 1000 }).toBe(true)
    const before = await daemons()
    expect(before).toHaveLength(4)
    await onLabHead('systemctl', 'kill', '-s', 'KILL', 'lweb', 'ltorrent')
    await allUp()
    for (const [index, pid] of (await daemons()).entries()) expect(pid).not.toBe(before[index])
    expect(await pack.ended).toMatchObject({ status: 0, output: expect.stringContaining('compute: generation 2,') })
  })

  test('are switched off and on one by one', async () => {
    expect((await lab('power', 'node002', 'off')).status).toBe(0)
    const [first, second] = await nodeStatuses()
    expect(first!.state).toBe('up')
    expect(second).toMatchObject({ state: 'off', step: null, seconds_since_power_on: null })
    expect((await lab('power', 'node002', 'reset')).output).toContain('luna-lab power node002 on')
    expect((await lab('power', 'node002', 'sideways')).status).toBe(2)
  })

  test('are gone after down, with all that was made for them', async () => {
    const { keeper } = findState()!
    const namespace = namespaceOf(keeper.pid)!
    expect(processesIn(namespace).length).toBeGreaterThan(5)
    expect((await lab('down')).status).toBe(0)
    expect(processesIn(namespace)).toEqual([])
    expectNothingLeft()
    expect((await lab('down')).output).toBe('no lab was running\n')
  })
})

test('a machine that takes too long is told of with its step and what its console says', async () => {
  const { status, output } = await startLab(['up', '--nodes', '1'], { LUNA_LAB_TIMEOUT: '12' }).ended
  expect(status).toBe(1)
  expect(output).toMatch(/^node001 did not come up: not in time; it is at step (power-on|boot\.request)$/m)
  expect(output).toMatch(/^ {2}\| .*iPXE/m)
  expect((await nodeStatuses())[0]).toMatchObject({ name: 'node001', state: 'booting', bytes_from_head: null })
})

test('a lab that is being made is left alone; once its up was killed, down removes it', async () => {
  const up: Running = startLab(['up', '--nodes', '1'])
  await up.said('luna osimage pack')
  expect(await lab('down')).toEqual({
    status: 4,
    output: `luna-lab: luna-lab up (process ${up.pid}) is at work; wait for its end\n`,
  })
  process.kill(up.pid, 'SIGKILL')
  await up.ended
  const namespace = namespaceOf(findState()!.keeper.pid)!
  expect(processesIn(namespace)).not.toEqual([])
  expect((await lab('down')).status).toBe(0)
  expect(processesIn(namespace)).toEqual([])
  expectNothingLeft()
})

interface KnownNode {
  switch: string | null
  port: string | null
  mac: string | null
  events: { step: string }[]
}

function expectNothingLeft(): void {
  expect(existsSync(statePath)).toBe(false)
  expect(existsSync('/run/luna-lab.lock')).toBe(false)
  expect(existsSync(join(labDirectory, 'head'))).toBe(false)
  expect(tracesOnMachine()).toEqual([])
}

/** The tarball that nodes got, as the real machine sees it. */
async function imageTarball(): Promise<string> {
  const [name] = (await onLabHead('find', '/opt/luna/torrents', '-name', 'compute-*.tar.zst')).trim().split('\n')
  return join(labDirectory, 'head', 'own', name!)
}

/** Process number and start time of lweb and of ltorrent. */
async function daemons(): Promise<string[]> {
  const pids = (await onLabHead('cat', '/run/luna/lweb.pid', '/run/luna/ltorrent.pid')).match(/\d+/g)
  return pids ?? []
}

/** Is one of the nodes on its way with a part, but not all, of the image? */
async function downloading(): Promise<boolean> {
  const views = await nodeViews()
  const parts = views.map(({ status }) => (status?.step === 'install.download' ? (status.percent ?? 0) : 0))
  return parts.some(percent => percent > 5 && percent < 80)
}

async function allUp(): Promise<void> {
  const states = async () => (await nodeStatuses()).map(({ state }) => state)
  await expect.poll(states, { timeout: bootTimeoutMs, interval: 3000 }).toEqual(['up', 'up'])
}
