import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parseAddress } from '../../src/domain/address.ts'
import { forwardingColumns, readForwarding } from '../../src/domain/bridge-mib.ts'
import { snmpV3Defaults } from '../../src/domain/snmp.ts'
import { switchDefaults } from '../../src/domain/switch.ts'
import { createSnmp, type SnmpTarget } from '../../src/effects/snmp.ts'
import { loopback, loopbackAddress, SwitchAgent } from './snmp/agent.ts'
import { plainSwitch, vlanSwitch } from './snmp/tables.ts'

/** Real agents, two makes of switch: v2c and v3. */
const [vlan, plain, nobody] = [loopbackAddress(0), loopbackAddress(1), loopbackAddress(2)]
const directory = mkdtempSync(join(tmpdir(), 'luna-snmp-'))
const agents: SwitchAgent[] = []
const snmp = createSnmp({ timeoutMs: 300 })

const target = (address: string, rest: Partial<SnmpTarget> = {}): SnmpTarget => ({
  ...snmpV3Defaults,
  address: parseAddress(address),
  read: 'public',
  ...rest,
})
const ask = async (whom: SnmpTarget, oid: string = switchDefaults.oid) =>
  readForwarding(await snmp.walk(whom, forwardingColumns(oid)))

beforeAll(async () => {
  const vlanTable = vlanSwitch({
    ports: { 1: 'Gi1/0/1', 2: 'Gi1/0/2', 48: 'Te1/1/1' },
    firstInterface: 10101,
    entries: [
      { mac: '52:54:00:00:00:01', port: 1 },
      { mac: '52:54:00:00:00:01', port: 1, vlan: 30 },
      { mac: '52:54:00:00:00:02', port: 2, vlan: 4094 },
      { mac: '52:54:00:00:00:aa', port: 2, status: 4 },
      { mac: '52:54:00:00:00:bb', port: 0 },
      { mac: '01:80:c2:00:00:00', port: 2 },
      ...Array.from({ length: 100 }, (_, index) => ({ mac: `52:54:01:00:00:${hex(index)}`, port: 48 })),
    ],
  })
  const plainTable = plainSwitch({
    ports: { 1: '1', 2: '2' },
    firstInterface: 1,
    entries: [
      { mac: '52:54:00:00:00:01', port: 1 },
      { mac: '52:54:00:00:00:aa', port: 2, status: 4 },
    ],
  })
  const users = [
    'createUser auth SHA "authauth"',
    'rouser auth auth',
    'createUser priv SHA "authauth" AES "privpriv"',
    'rouser priv priv',
    'createUser strong SHA-256 "authauth" AES "privpriv"',
    'rouser strong priv',
  ]
  agents.push(await SwitchAgent.start(loopback, join(directory, 'vlan'), vlan, vlanTable))
  agents.push(await SwitchAgent.start(loopback, join(directory, 'plain'), plain, plainTable, users))
})
afterAll(async () => {
  for (const agent of agents) await agent.stop()
  rmSync(directory, { recursive: true })
})

const hex = (number: number) => number.toString(16).padStart(2, '0')
const onPort1 = { port: '1', mac: '52:54:00:00:00:01' }

describe('a switch with VLANs, by v2c', () => {
  test.each(['.1.3.6.1.2.1.17.7.1.2.2.1.2', '.1.3.6.1.2.1.17.7.1.2.2'])('by %s', async oid => {
    const { learned, ports } = await ask(target(vlan), oid)
    expect(learned.slice(0, 1)).toEqual([onPort1])
    expect(learned.filter(({ port }) => port === '2')).toEqual([{ port: '2', mac: '52:54:00:00:00:02' }])
    expect(learned.filter(({ port }) => port === '48')).toHaveLength(100)
    expect(learned).toHaveLength(102)
    expect([...ports]).toEqual([
      ['1', 'Gi1/0/1'],
      ['2', 'Gi1/0/2'],
      ['48', 'Te1/1/1'],
    ])
  })

  test('that lacks the table asked for', async () => {
    expect((await ask(target(vlan), '.1.3.6.1.2.1.17.4.3.1.2')).learned).toEqual([])
  })
})

describe('a plain switch, by v3', () => {
  const auth = { snmpUser: 'auth', snmpLevel: 'authNoPriv', authPassword: 'authauth' } as const
  const priv = { snmpUser: 'priv', snmpLevel: 'authPriv', authPassword: 'authauth', privPassword: 'privpriv' } as const
  const plainOid = '.1.3.6.1.2.1.17.4.3.1.2'

  test.each([
    ['authNoPriv', auth],
    ['authPriv', priv],
    ['SHA-256', { ...priv, snmpUser: 'strong', authProtocol: 'sha256' } as const],
  ])('%s', async (_, by) => {
    const { learned, ports } = await ask(target(plain, by), plainOid)
    expect(learned).toEqual([onPort1])
    expect([...ports]).toEqual([
      ['1', '1'],
      ['2', '2'],
    ])
  })

  test.each([
    ['a user it does not know', { ...auth, snmpUser: 'nope' }, 'does not know that SNMP user'],
    ['a wrong password', { ...auth, authPassword: 'wrongwrong' }, 'refuses the authentication password or protocol'],
    ['too low a level', { ...auth, snmpUser: 'priv' }, /refuses/],
    ['a wrong privacy password', { ...priv, privPassword: 'wrongwrong' }, /refuses the privacy|does not answer/],
    ['v2c', {}, 'does not answer SNMP v2c: is it on, is the address right, is the community?'],
  ] as const)('refuses %s', async (_, by, message) => {
    const asked = ask(target(plain, by), plainOid)
    await expect(asked).rejects.toMatchObject({ kind: 'failed' })
    await expect(asked).rejects.toThrow(message)
  })
})

test('nobody there: one line, within the patience', async () => {
  const from = Date.now()
  await expect(ask(target(nobody))).rejects.toThrow('does not answer SNMP v2c')
  expect(Date.now() - from).toBeLessThan(2_000)
})

describe('what answers is no agent', () => {
  /** Answers each datagram with what `answer` makes of it. */
  async function answering(answer: (question: Buffer) => Buffer): Promise<SnmpTarget> {
    const socket = dgram.createSocket('udp4')
    socket.on('message', (question, { address, port }) => socket.send(answer(question), port, address))
    socket.bind(161, nobody)
    await once(socket, 'listening')
    onTestFinished(() => new Promise<void>(resolve => socket.close(resolve)))
    return target(nobody)
  }

  test.each<[string, (question: Buffer) => Buffer]>([
    ['noise', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['nothing', () => Buffer.alloc(0)],
    ['an echo', question => question],
    ['half an answer', question => question.subarray(0, question.length / 2)],
    ['zeroes', () => Buffer.alloc(1_400)],
    ['a length without end', () => Buffer.from('3084ffffffff0201', 'hex')],
    // RFC 3416: GetResponse is 0xa2, GetBulkRequest 0xa5
    ['v3 to v2c', question => swap(swap(question, 0xa5, 0xa2), 1, 3)],
    ['bits turned round', question => Buffer.from(question.map(byte => byte ^ 0x11))],
  ])('%s', async (_, answer) => {
    const asked = ask(await answering(answer))
    await expect(asked).rejects.toMatchObject({ kind: 'failed', message: expect.not.stringContaining('public') })
  })

  const swap = (bytes: Buffer, from: number, to: number): Buffer => {
    const swapped = Buffer.from(bytes)
    swapped[swapped.indexOf(from)] = to
    return swapped
  }

  test('an agent that turns every bit, one after another, ends nothing', async () => {
    let bit = 0
    const whom = await answering(question => {
      const answer = swap(question, 0xa5, 0xa2)
      answer[(bit >> 3) % answer.length]! ^= 1 << (bit & 7)
      bit++
      return answer
    })
    const patient = createSnmp({ timeoutMs: 20, retries: 0 })
    for (let asked = 0; asked < 400; asked++)
      await patient
        .walk(whom, ['.1.3.6.1.2.1.17.4.3.1.2'])
        .catch(error => expect(error).toMatchObject({ kind: 'failed' }))
  })
})

test('a table without end is left', async () => {
  const small = createSnmp({ timeoutMs: 300, mostCells: 50 })
  await expect(small.walk(target(vlan), forwardingColumns(switchDefaults.oid))).rejects.toThrow(
    'lists more than 50 entries below .1.3.6.1.2.1.17.7.1.2.2.1.2',
  )
})

test('an agent that hangs in the middle is left when its time is over', async () => {
  const hasty = createSnmp({ timeoutMs: 60_000, deadlineMs: 200 })
  await expect(hasty.walk(target(nobody), ['.1.3'])).rejects.toThrow('answers too slowly')
})
