import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseAddress } from '../../../src/domain/address.ts'
import type { Caller } from '../../../src/domain/caller.ts'
import { parseHardware } from '../../../src/domain/hardware.ts'
import type { Mac } from '../../../src/domain/mac.ts'
import { parseMac } from '../../../src/domain/mac.ts'
import type { LunaError } from '../../../src/errors.ts'
import { bootNode, showBootScript } from '../../../src/operations/boot.ts'
import { bootMenu } from '../../../src/operations/boot-menu.ts'
import { addGroup, changeGroup } from '../../../src/operations/groups.ts'
import { installScript } from '../../../src/operations/install-script.ts'
import { addNodes, changeNodes, listNodesWithStatus } from '../../../src/operations/nodes.ts'
import { listBootEvents } from '../../../src/store/boots.ts'
import { getNode } from '../../../src/store/nodes.ts'
import { getOsimage, insertOsimage } from '../../../src/store/osimages.ts'
import { type BootCluster, changeNode, createBootCluster, macs, pack1, publish } from '../../boot-cluster.ts'

let cluster: BootCluster
beforeEach(async () => {
  cluster = await createBootCluster()
})
afterEach(() => cluster.close())

const stranger = parseMac('52:54:00:00:00:99')
/** A machine on the head's own network. */
const near = (mac: Mac): Caller => ({ address: parseAddress('10.30.0.77'), port: 5000, own: false, neighbours: [mac] })
/** One behind a router: the head cannot see its MAC. */
const far: Caller = { address: parseAddress('10.99.0.77'), port: 5000, own: false, neighbours: undefined }
const head: Caller = { address: parseAddress('127.0.0.1'), port: 5000, own: true, neighbours: undefined }

const boot = (caller: Caller, hwdata: string, node?: string) =>
  bootNode(cluster, { hardware: parseHardware(hwdata), node, loader: 'ipxe', caller })
const errorOf = (promise: Promise<unknown>): Promise<LunaError> =>
  promise.then(
    () => undefined as never,
    error => error,
  )
const stepsOf = async (name: string) =>
  cluster.store.read(async tx => (await listBootEvents(tx, (await getNode(tx, name)).id)).map(event => event.step))
const macOf = (name: string) => cluster.store.read(async tx => (await getNode(tx, name)).mac)
const tokenOf = (script: string) => /luna\.token=(\S+)/.exec(script)?.[1]

describe('which node a machine is', () => {
  test('the one with any of its MACs', async () => {
    const script = await boot(near(macs[0]), `ASSET|52:54:00:00:00:aa||${macs[0]}`)
    expect(script).toContain('luna.node=node001 ')
    expect(tokenOf(script)).toMatch(/^[0-9a-f]{64}$/)
    expect(await stepsOf('node001')).toEqual(['boot.request'])
  })

  test('none: not found, and nothing happens', async () => {
    expect(await errorOf(boot(near(stranger), `|${stranger}`))).toMatchObject({ kind: 'notFound' })
    expect(await errorOf(boot(near(stranger), ''))).toMatchObject({ kind: 'notFound' })
  })

  test('not the one whose MAC it only claims to have, where the head sees its MAC', async () => {
    const error = await errorOf(boot(near(stranger), `|${macs[0]}`))
    expect(error).toMatchObject({ kind: 'forbidden' })
    expect(error.message).toBe('10.30.0.77 (52:54:00:00:00:99) is not node "node001" (52:54:00:00:00:01)')
    expect(await errorOf(boot(near(stranger), `|${macs[0]}|${stranger}`))).toMatchObject({ kind: 'forbidden' })
    expect(await stepsOf('node001')).toEqual([])
  })

  test('behind a router it is believed', async () => {
    expect(await boot(far, `|${macs[0]}`)).toContain('luna.node=node001 ')
  })

  test('of two nodes, the one whose NIC it asks from', async () => {
    await changeNode(cluster.store, 'node002', { mac: macs[1] })
    expect(await boot(near(macs[1]), `|${macs[0]}|${macs[1]}`)).toContain('luna.node=node002 ')
  })
})

describe('a person at the machine chooses a node', () => {
  test('without a machine: it gets the MAC that asks', async () => {
    const script = await boot(near(macs[1]), `|52:54:00:00:00:aa|${macs[1]}`, 'node002')
    expect(script).toContain(`luna.mac=${macs[1]} `)
    expect(await macOf('node002')).toBe(macs[1])
    expect(await stepsOf('node002')).toEqual(['boot.request', 'boot.mac_assigned'])
  })

  test('behind a router: it gets the first MAC', async () => {
    await boot(far, `|${macs[1]}|${macs[2]}`, 'node002')
    expect(await macOf('node002')).toBe(macs[1])
  })

  test('that it is already', async () => {
    await boot(near(macs[0]), `|${macs[0]}`, 'node001')
    expect(await stepsOf('node001')).toEqual(['boot.request'])
  })

  test('with a MAC that it announces but does not have', async () => {
    expect(await errorOf(boot(near(stranger), `|${macs[1]}`, 'node002'))).toMatchObject({ kind: 'forbidden' })
    expect(await errorOf(boot(near(stranger), `|${macs[0]}`, 'node001'))).toMatchObject({ kind: 'forbidden' })
    expect(await macOf('node002')).toBeUndefined()
  })

  test('with the MAC of another node: refused in one line', async () => {
    const error = await errorOf(boot(near(macs[0]), `|${macs[0]}`, 'node002'))
    expect(error).toMatchObject({ kind: 'conflict' })
    expect(error.message).toBe(
      `52:54:00:00:00:01 is node "node001"; to make it node002, run first: luna node change -n node001 --mac ''`,
    )
    expect(await macOf('node002')).toBeUndefined()
    expect(await macOf('node001')).toBe(macs[0])
  })

  test('of another machine that never booted: the MAC moves', async () => {
    await boot(near(macs[1]), `|${macs[1]}`, 'node001')
    expect(await macOf('node001')).toBe(macs[1])
  })

  test('of another machine that boots or is installed: refused', async () => {
    await boot(near(macs[0]), `|${macs[0]}`)
    const error = await errorOf(boot(near(macs[1]), `|${macs[1]}`, 'node001'))
    expect(error).toMatchObject({ kind: 'conflict' })
    expect(error.message).toContain(`run first: luna node change -n node001 --mac ''`)
    expect(await macOf('node001')).toBe(macs[0])
  })

  test('of another machine that the administrator has set free', async () => {
    await boot(near(macs[0]), `|${macs[0]}`)
    await changeNode(cluster.store, 'node001', { mac: undefined })
    await boot(near(macs[1]), `|${macs[1]}`, 'node001')
    expect(await macOf('node001')).toBe(macs[1])
  })

  test('that does not exist', async () => {
    expect(await errorOf(boot(near(macs[1]), `|${macs[1]}`, 'node999'))).toMatchObject({ kind: 'notFound' })
  })

  test('when the boot cannot begin, the MAC is not assigned', async () => {
    await cluster.close()
    cluster = await createBootCluster({ packed: false })
    const error = await errorOf(boot(near(macs[1]), `|${macs[1]}`, 'node002'))
    expect(error.message).toBe('osimage "compute" is not packed; run: luna osimage pack compute')
    expect(await macOf('node002')).toBeUndefined()
  })
})

describe('ways to boot', () => {
  test('from its own disk: a script without a token, nothing else', async () => {
    await changeNode(cluster.store, 'node001', { localboot: true, service: true })
    const script = await boot(near(macs[0]), `|${macs[0]}`)
    expect(script).toContain('sanboot --no-describe --drive 0x80')
    expect(tokenOf(script)).toBeUndefined()
    expect(await stepsOf('node001')).toEqual(['boot.local'])
  })

  test('from its own disk without any image', async () => {
    await cluster.close()
    cluster = await createBootCluster({ packed: false })
    await changeNode(cluster.store, 'node001', { localboot: true })
    expect(await boot(near(macs[0]), `|${macs[0]}`)).toContain('sanboot')
  })

  test('in service mode', async () => {
    await changeNode(cluster.store, 'node001', { service: true })
    expect(await boot(near(macs[0]), `|${macs[0]}`)).toContain('luna.service=1 ')
    expect(await stepsOf('node001')).toEqual(['boot.request', 'boot.service'])
  })

  test('without a frontend address: says what to do', async () => {
    await cluster.close()
    cluster = await createBootCluster({ frontendAddress: undefined })
    const error = await errorOf(boot(near(macs[0]), `|${macs[0]}`))
    expect(error.message).toBe(
      'the head has no frontend address yet; run: luna cluster change --frontend_address ADDRESS',
    )
    expect(await stepsOf('node001')).toEqual([])
    expect((await errorOf(bootMenu(cluster))).kind).toBe('notReady')
  })

  test('where the head is not in its network, it asks DHCP', async () => {
    await cluster.close()
    cluster = await createBootCluster({ frontendAddress: parseAddress('192.168.1.1') })
    const script = await boot(near(macs[0]), `|${macs[0]}`)
    expect(script).toContain('luna.bootproto=dhcp ')
    expect(script).not.toContain('luna.ip=')
  })

  test('an IPv6 head is named in brackets', async () => {
    await cluster.close()
    cluster = await createBootCluster({ frontendAddress: parseAddress('fd00::1') })
    expect(await boot(near(macs[0]), `|${macs[0]}`)).toContain(' luna.url=http://[fd00::1]:7050/luna ')
  })
})

describe("the head's own eyes", () => {
  test('see the script, without token, and begin nothing', async () => {
    expect(tokenOf(await boot(head, `|${macs[0]}`))).toBe('***')
    expect(tokenOf(await boot(head, `|${macs[1]}`, 'node002'))).toBe('***')
    expect(tokenOf(await showBootScript(cluster, 'node001'))).toBe('***')
    expect(await stepsOf('node001')).toEqual([])
    expect(await macOf('node002')).toBeUndefined()
  })
})

describe('boots side by side', () => {
  const ask = (token: string | undefined) =>
    installScript(cluster, { node: 'node001', token, caller: { ...near(macs[0]), port: 900 } })

  test('another discovery leaves the token of the one before alive, however many there are', async () => {
    const first = tokenOf(await boot(near(macs[0]), `|${macs[0]}`))
    for (let count = 0; count < 30; count++) await boot(near(macs[0]), `|${macs[0]}`)
    expect(await ask(first)).toContain('luna_install')
  })

  test('a boot gets the generation that it began with', async () => {
    const token = tokenOf(await boot(near(macs[0]), `|${macs[0]}`))
    const newer = { ...pack1, createdAtMs: 2, tarballFile: 'compute-2.tar.zst', infoHash: 'f'.repeat(40) }
    await publish(cluster.store, newer)
    expect(await ask(token)).toContain(pack1.infoHash)
    expect(await ask(tokenOf(await boot(near(macs[0]), `|${macs[0]}`)))).toContain(newer.infoHash)
  })
})

describe('which generation a boot begins with', () => {
  test('the node’s own, else that of its group, else the current one', async () => {
    await changeNode(cluster.store, 'node002', { mac: macs[1] })
    await changeNode(cluster.store, 'node003', { mac: macs[2] })
    for (const number of [2, 3]) await publish(cluster.store, { ...pack1, kernelFile: `compute-${number}-vmlinuz` })
    const kernels = async () => {
      const scripts = []
      for (const mac of macs.slice(0, 3)) scripts.push(await boot(near(mac), `|${mac}`))
      return scripts.map(script => /compute-(\d)-vmlinuz/.exec(script)?.[1])
    }
    await changeNodes(cluster, ['node002'], { generation: 1 })
    expect(await kernels()).toEqual(['3', '1', '3'])
    await changeGroup(cluster, 'compute', { generation: 2 })
    expect(await kernels()).toEqual(['2', '1', '2'])
    const booted = (await listNodesWithStatus(cluster, {})).map(({ generation }) => generation.booted)
    expect(booted).toEqual([2, 1, 2])
  })
})

describe('boots at once', () => {
  const settle = async (...boots: Promise<string>[]) =>
    (await Promise.allSettled(boots)).map(outcome =>
      outcome.status === 'fulfilled' ? /luna\.node=(\S+)/.exec(outcome.value)?.[1] : outcome.reason.kind,
    )

  test('each gets its own script and token; one that is refused stops no other', async () => {
    await changeNode(cluster.store, 'node003', { mac: macs[2] })
    const scripts = [boot(near(macs[0]), `|${macs[0]}`), boot(near(macs[2]), `|${macs[2]}`)]
    const outcome = await settle(
      boot(near(stranger), `|${stranger}`),
      scripts[0]!,
      boot(near(stranger), `|${macs[0]}`),
      boot(near(macs[1]), `|${macs[1]}`, 'node002'),
      boot(near(macs[3]), `|${macs[3]}`, 'node999'),
      scripts[1]!,
    )
    expect(outcome).toEqual(['notFound', 'node001', 'forbidden', 'node002', 'notFound', 'node003'])
    const tokens = new Set((await Promise.all(scripts)).map(tokenOf))
    expect(tokens.size).toBe(2)
    expect(await stepsOf('node002')).toEqual(['boot.request', 'boot.mac_assigned'])
  })

  test('two machines cannot become one node, nor one machine two nodes', async () => {
    await changeNode(cluster.store, 'node001', { mac: undefined })
    const outcome = await settle(
      boot(near(macs[1]), `|${macs[1]}`, 'node002'),
      boot(near(macs[2]), `|${macs[2]}`, 'node002'),
      boot(near(macs[1]), `|${macs[1]}`, 'node001'),
    )
    expect(outcome).toEqual(['node002', 'conflict', 'conflict'])
    expect([await macOf('node001'), await macOf('node002')]).toEqual([undefined, macs[1]])
  })

  test('a node of a group whose image is not packed stops no other', async () => {
    await cluster.store.write(async tx => {
      const { id: _, ...image } = await getOsimage(tx, 'compute')
      await insertOsimage(tx, { ...image, name: 'login', path: '/opt/luna/os/login' })
    })
    await addGroup(cluster, { name: 'login', osimage: 'login', network: 'cluster' })
    await addNodes(cluster, { names: ['login1'], group: 'login' })
    await changeNode(cluster.store, 'login1', { mac: macs[3] })
    const outcome = await settle(boot(near(macs[3]), `|${macs[3]}`), boot(near(macs[0]), `|${macs[0]}`))
    expect(outcome).toEqual(['notReady', 'node001'])
  })
})
