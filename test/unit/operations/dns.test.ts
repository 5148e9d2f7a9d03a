import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { CommandError } from '../../../src/effects/exec.ts'
import type { FileSet } from '../../../src/effects/file-sets.ts'
import { createTemplates } from '../../../src/effects/templates.ts'
import type { Luna } from '../../../src/luna.ts'
import { makeDns } from '../../../src/operations/dns.ts'
import { changeNetwork } from '../../../src/operations/networks.ts'
import { getCluster, putCluster } from '../../../src/store/clusters.ts'
import { listDnsZones, putDnsZone } from '../../../src/store/dns-zones.ts'
import type { Command } from '../../../src/tools/command.ts'
import { scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

/** What the head's files say to makedns; what it writes is recorded only, test/cli/makedns.test.ts has it checked and written. */
let luna: Pick<Luna, 'store' | 'files' | 'fileSets' | 'templates' | 'exec' | 'locks' | 'clock'>
let present: Map<string, string>
let written: FileSet[]
let commands: Command['argv'][]
let missing: string[]
const debian = { '/etc/bind/named.conf': 'include "/etc/bind/luna.zones";', '/lib/systemd/system/named.service': '' }

beforeEach(async () => {
  present = new Map(Object.entries(debian))
  written = []
  commands = []
  missing = []
  const files = { read: async (path: string) => present.get(path) } as Luna['files']
  const fileSets: Luna['fileSets'] = {
    read: async () => new Map(),
    replace: async set => {
      await set.accepted()
      written.push(set)
    },
  }
  const exec = {
    run: async (command: Command) => {
      commands.push(command.argv)
      if (missing.includes(command.argv[0]))
        throw new CommandError(
          command,
          undefined,
          'is not installed',
          '',
          Object.assign(new Error(), { code: 'ENOENT' }),
        )
      return { stdout: '', stderr: '' }
    },
  } as unknown as Luna['exec']
  const locks: Luna['locks'] = { acquire: async () => ({ release: async () => {} }) }
  const templates = createTemplates({ directories: [join(import.meta.dirname, '..', '..', '..', 'templates')] })
  luna = { store: await scratchStore(), files, fileSets, templates, exec, locks, clock: () => Date.UTC(2026, 10, 22) }
  await fillSmallCluster(luna.store)
})

const setPlaces = (namedIncludeFile: string, namedZoneDir: string) =>
  luna.store.write(async tx => putCluster(tx, { ...(await getCluster(tx)), namedIncludeFile, namedZoneDir }))

describe('where the files go', () => {
  test.each([
    ['Debian', debian, '/etc/bind/luna.zones', '/var/lib/bind/luna'],
    ['Red Hat', { '/etc/named.conf': 'include "/etc/named.luna.zones";' }, '/etc/named.luna.zones', '/var/named'],
  ])('%s', async (_, files, path, directory) => {
    present = new Map(Object.entries(files))
    expect(await makeDns(luna)).toEqual([])
    expect(written).toMatchObject([{ directory, main: { path } }])
  })

  test('no named here', async () => {
    present = new Map()
    await expect(makeDns(luna)).rejects.toMatchObject({ kind: 'notReady' })
    await setPlaces('/srv/zones', '/srv/zone')
    expect(await makeDns(luna)).toEqual([])
  })

  test('where AppArmor keeps named from: a warning, until the site allows it', async () => {
    await setPlaces('', '/srv/zone')
    present.set('/etc/apparmor.d/usr.sbin.named', 'profile named /usr/sbin/named {')
    expect(await makeDns(luna)).toEqual([
      expect.stringContaining('AppArmor keeps named from /srv/zone; add this line to'),
    ])
    present.set('/etc/apparmor.d/local/usr.sbin.named', '/srv/zone/** r,\n')
    expect(await makeDns(luna)).toEqual([])
  })
})

describe('reloading', () => {
  test.each([
    ['named', {}],
    ['named-chroot', { '/etc/systemd/system/multi-user.target.wants/named-chroot.service': '' }],
  ])('%s', async (unit, files) => {
    for (const [path, text] of Object.entries(files)) present.set(path, text)
    await makeDns(luna)
    expect(commands).toEqual([['systemctl', 'reload-or-restart', unit]])
  })

  test('Debian 10 calls it bind9', async () => {
    present = new Map([...Object.entries(debian).slice(0, 1), ['/lib/systemd/system/bind9.service', '']])
    await makeDns(luna)
    expect(commands).toEqual([['systemctl', 'reload-or-restart', 'bind9']])
  })

  test('without systemd: by rndc, and a warning when that is not there either', async () => {
    missing = ['systemctl']
    expect(await makeDns(luna)).toEqual([])
    expect(commands.at(-1)).toEqual(['rndc', 'reload'])
    missing = ['systemctl', 'rndc']
    expect(await makeDns(luna)).toEqual([expect.stringContaining('did not reload (rndc is not installed)')])
  })
})

test('two heads of one database: who comes second to a zone writes nothing', async () => {
  await makeDns(luna)
  await changeNetwork(luna, 'cluster', { include: 'a TXT b\n' })
  const { replace } = luna.fileSets
  luna.fileSets.replace = async set => {
    await luna.store.write(tx =>
      putDnsZone(tx, { name: 'cluster', serial: 2_026_112_209, digest: 'of the other head' }),
    )
    await replace(set)
  }
  await expect(makeDns(luna)).rejects.toMatchObject({ kind: 'conflict' })
  expect(written).toHaveLength(1)
  luna.fileSets.replace = replace
  await makeDns(luna)
  const zones = await luna.store.read(listDnsZones)
  expect(zones.find(zone => zone.name === 'cluster')).toMatchObject({ serial: 2_026_112_210 })
  expect(zones.find(zone => zone.name === 'ipmi')).toMatchObject({ serial: 2_026_112_200 })
})
