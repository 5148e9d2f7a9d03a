import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectGolden } from '../golden-file.ts'
import { createSmallSite, type Site } from './site.ts'

/** The real named-checkconf checks; /etc/bind and /var/lib/bind are directories of the test's in the command's mount namespace. */
describe.runIf(process.getuid?.() === 0)('makedns', () => {
  let site: Site
  const namedConf = 'include "/etc/bind/named.conf.local";\n'

  beforeAll(() => {
    site = createSmallSite()
    for (const name of ['bind', 'lib']) mkdirSync(join(site.directory, name))
    site.ok('node', 'add', 'node[001-002]', '-g', 'compute')
  })
  beforeEach(() => {
    site.write('bind/named.conf', namedConf)
    site.write('bind/named.conf.local', '// not include "/etc/bind/other";\ninclude "/etc/bind/luna.zones";\n')
  })
  afterAll(() => site.remove())

  const mounts = () =>
    ['bind:/etc/bind', 'lib:/var/lib/bind'].map(one => {
      const [from, to] = one.split(':')
      return `mkdir -p ${to} && mount --bind ${site.directory}/${from} ${to}`
    })
  const inside = (command: string) => ['unshare', '-m', 'sh', '-c', `${mounts().join(' && ')} && exec ${command}`]
  const makedns = (options = '') => site.run(inside(`luna cluster makedns ${options}`))
  const read = (name: string) => readFileSync(join(site.directory, name), 'utf8')
  const zone = (name: string) => read(`lib/luna/${name}.luna.zone`)
  const zoneFiles = () => readdirSync(join(site.directory, 'lib/luna')).sort()
  const serialOf = (name: string) => Number(/(\d+) ; serial/.exec(zone(name))![1])
  const edit = (text: string, ...words: string[]) => site.run(['luna', 'network', 'change', ...words], { input: text })

  test('writes what named-checkconf accepts, and has named read it', () => {
    expect(makedns()).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(read('systemctl.log')).toMatch(/^reload-or-restart (named|bind9)\n$/)
    expect(zoneFiles()).toEqual(
      ['30.10.in-addr.arpa', '31.10.in-addr.arpa', 'cluster', 'ipmi'].map(name => `${name}.luna.zone`),
    )
    expectGolden('cli/luna.zones', read('bind/luna.zones'))
    for (const name of ['cluster', '30.10.in-addr.arpa'])
      expectGolden(`cli/${name}.zone`, zone(name).replace(/\d{10} ; serial/, 'SERIAL ; serial'))
    expect(readdirSync(join(site.directory, 'bind')).sort()).toEqual(['luna.zones', 'named.conf', 'named.conf.local'])
    expect(statSync(join(site.directory, 'lib/luna/cluster.luna.zone')).mode & 0o777).toBe(0o644)
  })

  test('again with nothing new: no file is touched, no serial number grows', () => {
    const before = statSync(join(site.directory, 'lib/luna/cluster.luna.zone'))
    expect(makedns().status).toBe(0)
    expect(statSync(join(site.directory, 'lib/luna/cluster.luna.zone')).mtimeMs).toBe(before.mtimeMs)
  })

  test('a change grows the serial numbers of the zones that it is in', () => {
    const before = ['cluster', '30.10.in-addr.arpa', 'ipmi'].map(serialOf)
    site.ok('node', 'change', 'node002', '-i', 'BOOTIF', '10.30.0.9')
    expect(makedns().status).toBe(0)
    expect(['cluster', '30.10.in-addr.arpa', 'ipmi'].map(serialOf)).toEqual([before[0]! + 1, before[1]! + 1, before[2]])
    expect(zone('30.10.in-addr.arpa')).toContain('\n9.0 PTR node002.cluster.\n')
  })

  test('a serial number that somebody raised by hand is passed', () => {
    site.write('lib/luna/cluster.luna.zone', zone('cluster').replace(/\d+ ; serial/, '3000000000 ; serial'))
    expect(makedns().status).toBe(0)
    expect(serialOf('cluster')).toBe(3_000_000_001)
  })

  describe('includes', () => {
    test('are edited, shown, and put into the zones', () => {
      expect(edit('www CNAME node001\n', 'cluster', '--include').status).toBe(0)
      expect(edit('9.9 PTR www.cluster.', 'cluster', '--rev_include').status).toBe(0)
      expect(site.ok('network', 'show', 'cluster', '--include')).toBe('www CNAME node001\n')
      expect(site.ok('network', 'show', 'cluster', '--rev_include')).toBe('9.9 PTR www.cluster.')
      expect(JSON.parse(site.ok('network', 'show', 'cluster', '--json'))).toMatchObject({
        include: 'www CNAME node001\n',
        rev_include: '9.9 PTR www.cluster.',
      })
      expect(makedns().status).toBe(0)
      expect(zone('cluster')).toContain('\nwww CNAME node001\n')
      expect(zone('30.10.in-addr.arpa')).toContain('\n9.9 PTR www.cluster.\n')
      expect(edit('', 'cluster', '--rev_include').status).toBe(0)
    })

    test('what named-checkconf refuses changes nothing, and its words are shown', () => {
      const before = [
        zoneFiles().map(name => read(`lib/luna/${name}`)),
        read('bind/luna.zones'),
        site.rows()['dns_zone'],
      ]
      edit('www CNAME node001\nnode001 CNAME www\n', 'cluster', '--include')
      const { status, stderr } = makedns()
      expect(status).toBe(1)
      expect(stderr).toContain('luna: named-checkconf refuses the new /etc/bind/luna.zones; the old one stays\n')
      expect(stderr).toMatch(/\n {2}.*\/var\/lib\/bind\/luna\/cluster\.luna\.zone.*CNAME and other data/)
      expect(stderr).not.toContain('loaded serial')
      expect([
        zoneFiles().map(name => read(`lib/luna/${name}`)),
        read('bind/luna.zones'),
        site.rows()['dns_zone'],
      ]).toEqual(before)
      edit('', 'cluster', '--include')
    })
  })

  test('zones that are no more go, other files stay', () => {
    for (const name of ['site.luna.zone', 'cluster.zone']) site.write(`lib/luna/${name}`, '; not of Luna\n')
    site.ok('network', 'add', 'extra', '-N', '10.44.0.0', '-P', '16')
    expect(makedns().status).toBe(0)
    const serial = serialOf('extra')
    site.ok('network', 'delete', 'extra')
    expect(makedns().status).toBe(0)
    expect(zoneFiles()).toEqual([
      ...['30.10.in-addr.arpa', '31.10.in-addr.arpa', 'cluster'].map(name => `${name}.luna.zone`),
      'cluster.zone',
      'ipmi.luna.zone',
      'site.luna.zone',
    ])
    expect(read('bind/luna.zones')).not.toContain('extra')
    // secondaries remember
    site.ok('network', 'add', 'extra', '-N', '10.44.0.0', '-P', '16', '--ns_hostname', 'other')
    expect(makedns().status).toBe(0)
    expect(serialOf('extra')).toBe(serial + 1)
    site.ok('network', 'delete', 'extra')
    expect(makedns().status).toBe(0)
  })

  test('a dry run shows the zones that would change, and changes none', () => {
    const before = [zone('cluster'), site.rows()]
    site.write('systemctl.log', '')
    edit('dry TXT run\n', 'cluster', '--include')
    const rows = site.rows()
    const { status, stdout } = makedns('--dry-run')
    expect(status).toBe(0)
    expect(stdout).toContain('\n+dry TXT run\n')
    expect(stdout.match(/^--- .*/gm)).toEqual(['--- /var/lib/bind/luna/cluster.luna.zone'])
    expect([zone('cluster'), site.rows()]).toEqual([before[0], rows])
    expect([read('systemctl.log'), existsSync(join(site.directory, 'lib/luna/.luna-candidate'))]).toEqual(['', false])
    edit('', 'cluster', '--include')
  })

  test('killed at any moment it leaves what named can load, and the next one works', async () => {
    for (let index = 0; index < 12; index++) {
      const delayMs = 120 + 35 * index
      edit(`x TXT "${delayMs}"\n`, 'cluster', '--include')
      if (index % 2 === 0) site.ok('network', 'add', 'extra', '-N', '10.44.0.0', '-P', '16')
      else site.luna('network', 'delete', 'extra')
      const [program, ...words] = inside('luna cluster makedns')
      const child = spawn(program!, words, { env: site.environment(), stdio: 'ignore' })
      const ended = once(child, 'exit')
      await sleep(delayMs)
      child.kill('SIGKILL')
      await ended
      const { status, stdout } = site.run(inside('named-checkconf -z /etc/bind/named.conf'))
      expect([delayMs, status, stdout]).toEqual([delayMs, 0, expect.stringContaining('cluster/IN: loaded')])
    }
    site.luna('network', 'delete', 'extra')
    edit('', 'cluster', '--include')
    expect(makedns()).toMatchObject({ status: 0, stderr: '' })
    expect(zoneFiles()).not.toContain('.luna-candidate')
  })

  describe("the site's own named.conf", () => {
    test('without the include: one warning with the line to add', () => {
      site.write('bind/named.conf.local', '# include "/etc/bind/luna.zones";\n')
      expect(makedns()).toMatchObject({
        status: 0,
        stderr:
          'luna: warning: /etc/bind/named.conf does not include /etc/bind/luna.zones, so named does not know the zones; add this line to /etc/bind/named.conf.local: include "/etc/bind/luna.zones";\n',
      })
    })

    test('with a zone of its own of the same name: refused, since named would not start', () => {
      site.write('bind/more.zones', 'zone "30.10.IN-ADDR.ARPA" IN { type forward; };\n')
      site.write('bind/named.conf', `${namedConf}include "/etc/bind/more.zones";\n`)
      const before = read('bind/luna.zones')
      const { status, stderr } = makedns()
      expect([status, stderr]).toEqual([
        4,
        'luna: zone 30.10.in-addr.arpa is in /etc/bind/more.zones already, and named takes it from one place only; take it out there\n',
      ])
      expect(read('bind/luna.zones')).toBe(before)
    })

    test('is not overwritten when it is named by mistake', () => {
      site.ok('cluster', 'change', '--named_include_file', '/etc/bind/named.conf.local')
      expect(makedns()).toMatchObject({ status: 4, stderr: expect.stringContaining('was not written by Luna') })
      site.ok('cluster', 'change', '--named_include_file', '')
    })
  })

  test('settings of the cluster go before the distribution', () => {
    const names = { file: join(site.directory, 'own/zones'), directory: join(site.directory, 'own/dir') }
    site.ok('cluster', 'change', '--named_include_file', names.file, '--named_zone_dir', names.directory)
    site.write('bind/named.conf', `include "${names.file}";\n`)
    expect(makedns().status).toBe(0)
    expect(read('own/zones')).toContain(`file "${names.directory}/cluster.luna.zone";`)
    expect(readdirSync(names.directory)).toContain('cluster.luna.zone')
    site.ok('cluster', 'change', '--named_include_file', '', '--named_zone_dir', '')
  })

  test('under a strict umask named can read what is written; what is refused leaves no directory', () => {
    rmSync(join(site.directory, 'lib/luna'), { recursive: true })
    rmSync(join(site.directory, 'bind/luna.zones'))
    edit('( \n', 'cluster', '--include')
    expect(makedns()).toMatchObject({ status: 1, stderr: expect.stringContaining('unbalanced parentheses') })
    expect([readdirSync(join(site.directory, 'lib')), existsSync(join(site.directory, 'bind/luna.zones'))]).toEqual([
      [],
      false,
    ])
    edit('', 'cluster', '--include')
    expect(site.run(inside("sh -c 'umask 077; exec luna cluster makedns'")).status).toBe(0)
    const modes = ['lib/luna', 'lib/luna/cluster.luna.zone', 'bind/luna.zones'].map(name =>
      (statSync(join(site.directory, name)).mode & 0o777).toString(8),
    )
    expect(modes).toEqual(['755', '644', '644'])
  })

  test("a site's own template", () => {
    const shipped = readFileSync(join(import.meta.dirname, '../../templates/zone.liquid'), 'utf8')
    site.write('luna/templates/zone.liquid', shipped.replaceAll('$TTL 3600', '$TTL 60'))
    const before = serialOf('ipmi')
    expect(makedns().status).toBe(0)
    expect([zone('ipmi').includes('$TTL 60\n'), serialOf('ipmi')]).toEqual([true, before + 1])
    rmSync(join(site.directory, 'luna/templates/zone.liquid'))
  })

  test('a named that does not reload is a warning: the files are right', () => {
    site.program('systemctl', 'echo "Job failed." >&2; exit 1')
    const { status, stderr } = makedns()
    expect(status).toBe(0)
    expect(stderr).toMatch(
      /^luna: warning: \/etc\/bind\/luna\.zones and its zones are in place, but \S+ did not reload .*\nJob failed\.\n$/,
    )
    site.program('systemctl', 'exit 0')
  })

  test('without BIND says what to install, and changes nothing', () => {
    const before = zone('cluster')
    rmSync(join(site.directory, 'bind/named.conf'))
    expect(makedns()).toMatchObject({ status: 6, stderr: expect.stringContaining('install bind9 (Debian, Ubuntu)') })
    expect(zone('cluster')).toBe(before)
  })
})
