import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAddress } from '../../src/domain/address.ts'
import { parseCidr } from '../../src/domain/cidr.ts'
import { parseDatabaseUrl } from '../../src/domain/database-url.ts'
import { createExec } from '../../src/effects/exec.ts'
import { createFileSets } from '../../src/effects/file-sets.ts'
import { createFiles } from '../../src/effects/files.ts'
import { createLocks } from '../../src/effects/locks.ts'
import { createTemplates } from '../../src/effects/templates.ts'
import { makeDns } from '../../src/operations/dns.ts'
import { changeGroup } from '../../src/operations/groups.ts'
import { addNetwork, changeNetwork } from '../../src/operations/networks.ts'
import { addNodes, removeNodes } from '../../src/operations/nodes.ts'
import { addSwitches } from '../../src/operations/switches.ts'
import { getCluster, putCluster } from '../../src/store/clusters.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { flock } from '../../src/tools/flock.ts'
import { fillSmallCluster } from '../small-cluster.ts'
import { Namespace } from './lweb/namespace.ts'
import { NamedServer } from './named/server.ts'

/** A real named serves what makedns writes, and a real secondary follows it. */
describe.runIf(process.getuid?.() === 0)('named, with the zones of makedns', () => {
  const directory = mkdtempSync(join(tmpdir(), 'luna-named-'))
  const include = join(directory, 'luna.zones')
  let store: Store
  let namespace: Namespace
  let primary: NamedServer
  let secondary: NamedServer

  let warnings: string[]

  const makedns = async () => {
    const exec = createExec()
    const real = createFiles(exec)
    const configuration = new Map([['/etc/bind/named.conf', `include "${include}";`]])
    warnings = await makeDns({
      store,
      // this machine's own named is not asked, neither for its configuration nor to reload
      files: {
        ...real,
        read: path => (path.startsWith('/etc/') ? Promise.resolve(configuration.get(path)) : real.read(path)),
      },
      exec: { ...exec, run: async () => ({ stdout: '', stderr: '' }) },
      fileSets: createFileSets(real),
      templates: createTemplates({ directories: [join(import.meta.dirname, '..', '..', 'templates')] }),
      locks: createLocks(exec, flock),
      clock: Date.now,
    })
  }

  beforeAll(async () => {
    store = await openStore(parseDatabaseUrl(`sqlite:${directory}/luna.db`), { create: true })
    await fillSmallCluster(store)
    await store.write(async tx => {
      const settings = { path: directory, namedIncludeFile: include, namedZoneDir: join(directory, 'zones') }
      await putCluster(tx, { ...(await getCluster(tx)), ...settings })
    })
    await addNetwork({ store }, { name: 'cluster6', cidr: parseCidr('fd12:3456::', '61'), nsHostname: 'head' })
    await addNetwork({ store }, { name: 'ib.cluster', cidr: parseCidr('10.32.0.0', '18') })
    await addNetwork({ store }, { name: 'storage', cidr: parseCidr('10.32.64.0', '18') })
    for (const [name, network] of [
      ['BOOTIF', 'cluster6'],
      ['ib0', 'ib.cluster'],
      ['eth1', 'cluster'],
    ] as const) {
      await changeGroup({ store }, 'compute', {}, { verb: 'add', name })
      await changeGroup({ store }, 'compute', {}, { verb: 'setnet', name, network })
    }
    await addNodes({ store }, { names: ['node001', 'node002'], group: 'compute' })
    await addSwitches({ store }, ['switch01'], { network: 'storage', addresses: [parseAddress('10.32.64.9')] })
    await makedns()
    namespace = await Namespace.create()
    await namespace.run('ip', 'address', 'add', '127.0.0.2/8', 'dev', 'lo')
    primary = await NamedServer.start(namespace, join(directory, 'primary'), '127.0.0.1', `include "${include}";`)
    secondary = await NamedServer.start(
      namespace,
      join(directory, 'secondary'),
      '127.0.0.2',
      'zone "cluster" { type slave; masters { 127.0.0.1; }; max-refresh-time 1; };',
    )
    await secondary.says(/transfer of 'cluster\/IN'.*Transfer status: success/)
  })
  afterAll(async () => {
    await primary?.stop()
    await secondary?.stop()
    await namespace?.close()
    await store?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  test.each([
    ['a node with several interfaces there', 'node001-bootif.cluster', 'A', ['10.30.0.1']],
    ['... and the other one', 'node002-eth1.cluster', 'A', ['10.30.0.4']],
    ['whatever the case', 'NODE001-BootIf.Cluster', 'A', ['10.30.0.1']],
    ['its BMC, alone in a network', 'node001.ipmi', 'A', ['10.31.0.1']],
    ['the IPv6 network', 'node002.cluster6', 'AAAA', ['fd12:3456::2']],
    ['a zone below another', 'node001.ib.cluster', 'A', ['10.32.0.1']],
    ['a switch', 'switch01.storage', 'A', ['10.32.64.9']],
    ['the name server', 'ns.cluster', 'A', ['10.30.255.254']],
    ['the zone', 'cluster6', 'NS', ['head.cluster6.']],
    ['back from IPv4', '1.0.30.10.in-addr.arpa', 'PTR', ['node001-bootif.cluster.']],
    ['back in the merged zone', '1.0.32.10.in-addr.arpa', 'PTR', ['node001.ib.cluster.']],
    ['back in the merged zone, from the other network', '9.64.32.10.in-addr.arpa', 'PTR', ['switch01.storage.']],
    ['both name servers of the merged zone', '32.10.in-addr.arpa', 'NS', ['ns.ib.cluster.', 'ns.storage.']],
    ['back from IPv6', `2.${'0.'.repeat(23)}6.5.4.3.2.1.d.f.ip6.arpa`, 'PTR', ['node002.cluster6.']],
  ])('%s: %s %s', async (_, name, type, answer) => {
    expect((await primary.ask(name, type)).sort()).toEqual(answer)
  })

  test('a name that is not there is said not to be, with authority', async () => {
    expect(await primary.status('node003.cluster', 'A')).toEqual({ status: 'NXDOMAIN', authoritative: true })
    expect(await primary.status('node001-bootif.cluster', 'AAAA')).toEqual({ status: 'NOERROR', authoritative: true })
  })

  test('written again with nothing new: the same serial numbers', async () => {
    const before = await primary.serial('cluster')
    await makedns()
    await primary.reload()
    expect(await primary.serial('cluster')).toBe(before)
    expect(warnings).toEqual([
      "node[001-002] not in zone cluster by that name, though it is their group's domain: no address there, or several",
    ])
  })

  test('after a change named answers with it, and the secondary follows', async () => {
    const [cluster, ipmi] = [await primary.serial('cluster'), await primary.serial('ipmi')]
    await changeNetwork({ store }, 'cluster', { include: 'www CNAME node001-eth1\nsrv 60 TXT "a;b" \\\n' })
    await expect(makedns()).rejects.toThrow('named-checkconf refuses')
    await changeNetwork({ store }, 'cluster', {
      include: 'www CNAME node001-eth1\n$TTL 60\nsrv TXT "a;b"',
      revInclude: '9.9 PTR www.cluster.\n',
    })
    await makedns()
    secondary.forget()
    await primary.reload()
    expect(await primary.ask('www.cluster', 'A')).toEqual(['node001-eth1.cluster.', '10.30.0.3'])
    expect(await primary.ask('srv.cluster', 'TXT')).toEqual(['"a;b"'])
    expect(await primary.ask('9.9.30.10.in-addr.arpa', 'PTR')).toEqual(['www.cluster.'])
    expect(await primary.serial('ipmi')).toBe(ipmi)
    expect(await primary.serial('cluster')).toBeGreaterThan(cluster)
    await secondary.says(/transfer of 'cluster\/IN'.*Transfer status: success/)
    expect(await secondary.ask('srv.cluster', 'TXT')).toEqual(['"a;b"'])
    expect(await secondary.serial('cluster')).toBe(await primary.serial('cluster'))
  })

  test('the number grows when the zone files are lost, too', async () => {
    const before = await primary.serial('cluster')
    rmSync(join(directory, 'zones'), { recursive: true })
    await removeNodes({ store }, ['node002'])
    await makedns()
    secondary.forget()
    await primary.reload()
    expect(await primary.serial('cluster')).toBeGreaterThan(before)
    await secondary.says(/transfer of 'cluster\/IN'.*Transfer status: success/)
    expect(await secondary.status('node002-eth1.cluster', 'A')).toMatchObject({ status: 'NXDOMAIN' })
  })
})
