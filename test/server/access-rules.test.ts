import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listBootEvents } from '../../src/store/boots.ts'
import { getNode } from '../../src/store/nodes.ts'
import { changeNode, macs } from '../boot-cluster.ts'
import type { Machine } from './lweb/namespace.ts'
import { type Answer, type Ask, asRoot, type Daemon, Site, strangersMac, withToken } from './lweb/site.ts'

const discovery = `/luna?step=discovery&hwdata=ASSET|${macs[0]}`
const install = '/luna?step=install&node=node001'
const tokenOf = ({ body }: Answer): string => /luna\.token=(\S+)/.exec(body)?.[1] ?? 'no token'

/** Who may have what: of lweb itself, and with the real nginx in front of it. */
describe.each(['lweb', 'nginx'] as const)('asked through %s', front => {
  let site: Site
  let lweb: Daemon
  let node: Machine
  let stranger: Machine
  let far: Machine
  let token: string
  const ask = (from: Machine | 'head', path: string, how?: Ask) => site.ask(from, path, how)
  const steps = () =>
    site.cluster.store.read(async tx =>
      (await listBootEvents(tx, (await getNode(tx, 'node001')).id)).map(event => event.step),
    )
  /** Refused with one line. */
  const expectRefusal = async (answer: Promise<Answer>) => {
    const { status, body } = await answer
    expect(status).toBe(403)
    expect(body).toMatch(/^[^\n]+\n$/)
    return body.trim()
  }

  beforeAll(async () => {
    site = await Site.open({ frontend: front })
    node = await site.node()
    stranger = await site.stranger()
    far = await site.far()
    lweb = await site.daemon('lweb', /lweb listens on/)
    if (front === 'nginx') await site.nginx()
    token = tokenOf(await ask(node, discovery))
  })
  afterAll(() => site.close())

  test('discovery is for the machine that has the MAC', async () => {
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    await lweb.logged(await expectRefusal(ask(stranger, discovery)))
    await expectRefusal(ask(stranger, `${discovery}|${strangersMac}`))
    expect(await steps()).toEqual(['boot.request'])
  })

  test('an unknown machine, and an unknown node, are not found', async () => {
    expect((await ask(stranger, `/luna?step=discovery&hwdata=|${strangersMac}`)).status).toBe(404)
    const mistyped = await ask(stranger, `/luna?step=discovery&node=node999&hwdata=|${strangersMac}`)
    expect(mistyped).toMatchObject({
      status: 200,
      body: expect.stringContaining('echo Luna: there is no node "node999"'),
    })
    expect((await ask(node, '/luna?step=install&node=node999', withToken(token))).status).toBe(404)
  })

  test("a chosen node gets the machine's own MAC, no other's", async () => {
    await expectRefusal(ask(stranger, `/luna?step=discovery&node=node002&hwdata=|${macs[2]}`))
    const script = await ask(stranger, `/luna?step=discovery&node=node002&hwdata=|${macs[2]}|${strangersMac}`)
    expect(script.body).toContain(`luna.mac=${strangersMac} `)
    const taken = await ask(stranger, `/luna?step=discovery&node=node003&hwdata=|${strangersMac}`)
    expect(taken.status).toBe(200)
    expect(taken.body).toMatch(/^#!ipxe\n[\s\S]*echo Luna: 52:54:00:00:00:99 is node "node002"; [\s\S]*chain --replace/)
    await changeNode(site.cluster.store, 'node002', { mac: undefined })
  })

  test('the install script is for root on the node, with its token', async () => {
    const script = await ask(node, install, withToken(token))
    expect(script.status).toBe(200)
    expect(script.body).toMatch(/# luna: end of the install script\n$/)
    expect(await steps()).toContain('install.request')
  })

  test('without, or with another token: refused', async () => {
    await expectRefusal(ask(node, install, asRoot))
    await expectRefusal(ask(node, install, withToken('0'.repeat(64))))
    await expectRefusal(ask(node, install, withToken('')))
    await expectRefusal(ask(node, `${install}&status=install.success`, asRoot))
  })

  test('from a port that is not only for root: refused', async () => {
    await expectRefusal(ask(node, install, { ...withToken(token), port: '1024-1100' }))
    await expectRefusal(ask(node, `${install}&status=install.success`, { ...withToken(token), port: '40000-41000' }))
  })

  test('from another machine of the network, token and all: refused', async () => {
    await expectRefusal(ask(stranger, install, withToken(token)))
    await expectRefusal(ask(stranger, `${install}&status=install.success`, withToken(token)))
  })

  test('from behind a router, where the head sees no MAC: by token and port', async () => {
    expect((await ask(far, install, withToken(token))).status).toBe(200)
    await expectRefusal(ask(far, install, asRoot))
    await expectRefusal(ask(far, install, { ...withToken(token), port: '1024-1100' }))
  })

  test('headers of a proxy, from outside, say nothing', async () => {
    for (const address of ['10.30.0.1', '127.0.0.1', '10.30.255.254']) {
      const headers = {
        'X-Real-IP': address,
        'X-Real-Port': '700',
        'X-Forwarded-For': address,
        Forwarded: `for=${address}`,
      }
      await expectRefusal(ask(stranger, discovery, { headers }))
      await expectRefusal(ask(stranger, install, { ...asRoot, headers }))
      await expectRefusal(ask(stranger, install, { ...asRoot, headers: { ...headers, 'Luna-Token': token } }))
      await expectRefusal(ask(node, install, { port: '1024-1100', headers: { ...headers, 'Luna-Token': token } }))
    }
  })

  test("the head's own addresses see everything but secrets, and leave no trace", async () => {
    const before = await steps()
    for (const base of ['http://10.30.255.254:7050', 'http://127.0.0.1:7051']) {
      const script = await ask('head', install, { base })
      expect(script.status).toBe(200)
      expect(script.body).not.toContain(token)
      expect(tokenOf(await ask('head', discovery, { base }))).toBe('***')
      await expectRefusal(ask('head', `${install}&status=install.success`, { base, ...withToken(token) }))
    }
    expect(await steps()).toEqual(before)
  })

  test('another discovery does not end a boot in progress; success does, for its own token', async () => {
    const other = tokenOf(await ask(node, discovery))
    expect((await ask(node, install, withToken(token))).status).toBe(200)
    const success = await ask(node, `${install}&status=install.success&uptime=50.1`, withToken(token))
    expect(success).toMatchObject({ status: 200, body: 'ok\n' })
    await expectRefusal(ask(node, install, withToken(token)))
    await expectRefusal(ask(node, `${install}&status=install.download`, withToken(token)))
    expect((await ask(node, install, withToken(other))).status).toBe(200)
  })

  test('a failure comes with its last words, which may not be too many', async () => {
    const how = { ...withToken(tokenOf(await ask(node, discovery))), method: 'POST' as const }
    const failed = `${install}&status=install.failed&failed_step=install.unpack&exit=2`
    expect(await ask(node, failed, { ...how, body: 'tar: short read\n' })).toMatchObject({ status: 200, body: 'ok\n' })
    const events = await site.cluster.store.read(async tx => listBootEvents(tx, (await getNode(tx, 'node001')).id))
    expect(events.at(-1)!.message).toBe('install.unpack failed with status 2: tar: short read\ntar: short read')
    expect((await ask(node, failed, { ...how, body: 'x'.repeat(20_000) })).status).toBe(413)
    expect((await ask(node, `${install}&status=install.bogus`, how)).status).toBe(400)
    expect((await ask(node, `${install}&status=boot.request`, how)).status).toBe(400)
  })
})

test('over IPv6, by the neighbour cache', async () => {
  const site = await Site.open()
  try {
    const [node, stranger] = [await site.node(), await site.stranger()]
    const lweb = await site.daemon('lweb', /lweb listens on/)
    await site.onHead(process.execPath, 'bin/luna.ts', 'cluster', 'change', '--frontend_address', 'fd30::fe')
    await lweb.logged(/listening on \[fd30::fe\]:7050/)
    await lweb.logged(/no longer listening on 10.30.255.254:7050/)
    const base = 'http://[fd30::fe]:7050'
    const script = await site.ask(node, discovery, { base })
    expect(script.body).toContain(' luna.url=http://[fd30::fe]:7050/luna ')
    const how = { base, ...withToken(tokenOf(script)) }
    expect((await site.ask(node, install, how)).status).toBe(200)
    expect((await site.ask(stranger, install, how)).status).toBe(403)
    expect((await site.ask(stranger, discovery, { base })).status).toBe(403)
  } finally {
    await site.close()
  }
})
