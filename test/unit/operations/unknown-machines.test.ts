import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseAddress } from '../../../src/domain/address.ts'
import type { Caller } from '../../../src/domain/caller.ts'
import { type HardwareParameters, parseHardware } from '../../../src/domain/hardware.ts'
import type { Mac } from '../../../src/domain/mac.ts'
import { bootNode } from '../../../src/operations/boot.ts'
import { changeNodes } from '../../../src/operations/nodes.ts'
import { createUnknownMachines } from '../../../src/operations/unknown-machines.ts'
import { listMachines } from '../../../src/store/machines.ts'
import { type BootCluster, createBootCluster, macs as nodeMacs } from '../../boot-cluster.ts'
import { macNumber } from '../../machines.ts'
import { randomNumbers } from '../torrent/random-numbers.ts'

let cluster: BootCluster
beforeEach(async () => {
  cluster = await createBootCluster()
})
afterEach(() => cluster.close())

const minuteMs = 60_000
const [a, b, c, d] = [1, 2, 3, 4].map(macNumber) as [Mac, Mac, Mac, Mac]

const near = (mac: Mac, address = '10.30.0.77'): Caller => ({
  address: parseAddress(address),
  port: 5000,
  own: false,
  neighbours: [mac],
})
const far = (address: string): Caller => ({
  address: parseAddress(address),
  port: 5000,
  own: false,
  neighbours: undefined,
})

const note = (caller: Caller, macs: readonly string[], more?: HardwareParameters) =>
  cluster.unknownMachines.note(parseHardware(`|${macs.join('|')}`, more), caller)
const list = () => cluster.store.read(listMachines)
const listAfterFlush = async () => {
  await cluster.unknownMachines.flush()
  return list()
}

test('a machine that is not known is kept when it asks for its boot', async () => {
  const hardware = parseHardware(`ASSET|${a}|${b}`, { serial: 'S1', product: 'R740' })
  const request = { hardware, node: undefined, loader: 'ipxe' as const, caller: near(b) }
  await expect(bootNode(cluster, request)).rejects.toMatchObject({ kind: 'notFound' })
  expect(await listAfterFlush()).toMatchObject([
    {
      macs: [b, a],
      address: parseAddress('10.30.0.77'),
      ...{ asset: 'ASSET', serial: 'S1', product: 'R740', manufacturer: '', uuid: '' },
      ...{ firstSeenAtMs: cluster.now, arrivedAtMs: cluster.now, lastSeenAtMs: cluster.now, asked: 1 },
    },
  ])
})

test('it is stored soon, without being told to', async () => {
  note(near(a), [a])
  await expect.poll(list).toHaveLength(1)
})

test('a node that is refused its boot is none of them', async () => {
  await cluster.close()
  cluster = await createBootCluster({ packed: false })
  const request = { hardware: parseHardware(`|${nodeMacs[0]}`), node: undefined, loader: 'ipxe' as const }
  await expect(bootNode(cluster, { ...request, caller: near(nodeMacs[0]) })).rejects.toMatchObject({ kind: 'notReady' })
  expect(await listAfterFlush()).toEqual([])
})

describe('which of its MACs a machine boots from', () => {
  test.each<[string, Caller, HardwareParameters, Mac | undefined]>([
    ['the one that the head sees', near(b), {}, b],
    ['the one that the head sees, whatever the machine says', near(b), { mac: a }, b],
    ['behind a router, the one that the machine says', far('10.99.0.1'), { mac: b }, b],
    ['behind a router, none said: the first', far('10.99.0.1'), {}, a],
    ['behind a router, one said that is not announced: the first', far('10.99.0.1'), { mac: d }, a],
    ['announcing MACs of others alone, it is no machine', near(d), { mac: d }, undefined],
    ['the head itself is no machine', { ...far('127.0.0.1'), own: true }, {}, undefined],
  ])('%s', async (_, caller, more, first) => {
    note(caller, [a, b], more)
    expect((await listAfterFlush()).map(({ macs }) => macs[0])).toEqual(first ? [first] : [])
  })

  test('without a MAC it is no machine', async () => {
    note(near(a), [])
    expect(await listAfterFlush()).toEqual([])
  })
})

describe('the same machine again', () => {
  test('is stored once a minute at most, and what it asked meanwhile is counted', async () => {
    const start = cluster.now
    note(near(a), [a])
    await cluster.unknownMachines.flush()
    for (let count = 0; count < 5; count++) {
      cluster.now += 10_000
      note(near(a), [a])
    }
    expect(await listAfterFlush()).toMatchObject([{ lastSeenAtMs: start, asked: 1 }])
    cluster.now += 10_000
    note(near(a), [a])
    expect(await listAfterFlush()).toMatchObject([
      { firstSeenAtMs: start, arrivedAtMs: start, lastSeenAtMs: start + minuteMs, asked: 7 },
    ])
  })

  test('is stored at once when it shows something new', async () => {
    note(near(a), [a])
    await cluster.unknownMachines.flush()
    note(near(a, '10.30.0.78'), [a, b], { serial: 'S1' })
    expect(await listAfterFlush()).toMatchObject([{ macs: [a, b], serial: 'S1', address: parseAddress('10.30.0.78') }])
  })

  test('is the same when it boots from another of its NICs', async () => {
    note(near(a), [a, b])
    await cluster.unknownMachines.flush()
    note(near(b), [a, b])
    expect(await listAfterFlush()).toMatchObject([{ macs: [b, a], asked: 2 }])
  })

  test('arrives anew after it was silent, and is then behind those that came before', async () => {
    note(near(a), [a])
    await cluster.unknownMachines.flush()
    cluster.now += 20 * minuteMs
    note(near(b), [b])
    await cluster.unknownMachines.flush()
    cluster.now += minuteMs
    note(near(a), [a])
    expect(await listAfterFlush()).toMatchObject([
      { macs: [b] },
      { macs: [a], firstSeenAtMs: cluster.now - 21 * minuteMs, arrivedAtMs: cluster.now },
    ])
  })
})

describe('who says to have another machine’s NIC', () => {
  test('does not become that machine, nor get its MAC', async () => {
    note(near(a), [a, b])
    note(near(c), [c, a, b, d])
    expect((await listAfterFlush()).map(({ macs }) => macs)).toEqual([
      [a, b],
      [c, d],
    ])
  })

  test('gets it when it is seen to have it: a card that was moved', async () => {
    note(near(a), [a, b])
    await cluster.unknownMachines.flush()
    note(near(b), [b, c])
    expect((await listAfterFlush()).map(({ macs }) => macs)).toEqual([[a], [b, c]])
  })
})

test('whatever machines say, no MAC is of two, and each has the MAC it is seen with', async () => {
  const random = randomNumbers(6)
  const any = () => macNumber(Math.floor(random() * 12))
  for (let round = 0; round < 150; round++) {
    const [mac, ...others] = [any(), any(), any(), any()] as const
    note(near(mac), [...new Set([mac, ...others])].slice(0, 1 + Math.floor(random() * 4)))
    const machines = await listAfterFlush()
    const all = machines.flatMap(machine => machine.macs)
    expect(new Set(all).size).toBe(all.length)
    expect(machines.map(machine => machine.macs[0])).toContain(mac)
    cluster.now += Math.floor(random() * 20 * minuteMs)
  }
})

describe('a machine that becomes a node leaves', () => {
  test('when the person at its console chooses', async () => {
    note(near(a), [a, b])
    await cluster.unknownMachines.flush()
    await bootNode(cluster, { hardware: parseHardware(`|${a}|${b}`), node: 'node002', loader: 'ipxe', caller: near(a) })
    expect(await list()).toEqual([])
  })

  test('when its MAC is typed on the head, and does not come back by itself when it is freed', async () => {
    note(near(a), [a, b])
    await cluster.unknownMachines.flush()
    await changeNodes(cluster, ['node002'], { mac: b })
    await changeNodes(cluster, ['node002'], { mac: null })
    expect(await list()).toEqual([])
  })

  test('however the node comes by its MAC', async () => {
    note(near(a), [a, b])
    await cluster.unknownMachines.flush()
    await cluster.store.write(tx => tx.updateTable('node').set({ mac: b }).where('name', '=', 'node002').execute())
    expect(await list()).toEqual([])
  })

  test('also when the note was made before', async () => {
    note(near(a), [a])
    await changeNodes(cluster, ['node002'], { mac: a })
    expect(await listAfterFlush()).toEqual([])
  })
})

describe('bounds', () => {
  test('one address cannot push out the machines of others', async () => {
    note(far('10.99.0.1'), [a])
    for (let number = 100; number < 200; number++) note(far('10.99.0.2'), [macNumber(number)])
    const machines = await listAfterFlush()
    expect(machines.map(({ macs }) => macs[0])).toEqual([
      a,
      ...Array.from({ length: 16 }, (_, index) => macNumber(184 + index)),
    ])
  })

  test('the machines that were silent longest are forgotten', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      ...{ serial: '', asset: '', uuid: '', manufacturer: '', product: '', firstSeenAtMs: 1, arrivedAtMs: 1, asked: 1 },
      address: `0a${index}`,
      lastSeenAtMs: 1 + ((index + 5) % 10_000),
    }))
    await cluster.store.write(async tx => {
      for (let start = 0; start < rows.length; start += 1000)
        await tx
          .insertInto('machine')
          .values(rows.slice(start, start + 1000))
          .execute()
    })
    note(near(a), [a])
    note(near(b, '10.30.0.78'), [b])
    await cluster.unknownMachines.flush()
    const kept = await cluster.store.read(tx => tx.selectFrom('machine').select(['id', 'lastSeenAtMs']).execute())
    expect(kept).toHaveLength(10_000)
    expect(kept.filter(row => row.lastSeenAtMs <= 3).map(row => row.lastSeenAtMs)).toEqual([3])
  })

  test('what cannot be stored is said, and noted again the next time', async () => {
    const warnings: string[] = []
    let broken = true
    const store = {
      ...cluster.store,
      write: (use =>
        broken ? Promise.reject(new Error('disk full')) : cluster.store.write(use)) as BootCluster['store']['write'],
    }
    const unknown = createUnknownMachines(
      { store, clock: cluster.clock },
      { warn: (_, message) => warnings.push(message) },
    )
    unknown.note(parseHardware(`|${a}`), near(a))
    await unknown.flush()
    expect(warnings).toEqual(['unknown machines cannot be stored; they are noted again when they ask again'])
    broken = false
    unknown.note(parseHardware(`|${a}`), near(a))
    await unknown.flush()
    expect(await list()).toHaveLength(1)
  })
})
