import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectGolden } from '../golden-file.ts'
import { createSmallSite, type Site } from './site.ts'

/** The real named-checkconf checks; /etc/bind and /var/lib/bind are directories of the test's in the command's mount namespace. */
describe.runIf(process.getuid?.() === 0)('makedns', () => {
  let site: Site

  beforeAll(() => {
    site = createSmallSite()
    for (const name of ['bind', 'lib']) mkdirSync(join(site.directory, name))
    site.write('bind/named.conf', 'include "/etc/bind/named.conf.local";\n')
    site.write('bind/named.conf.local', '// Luna\'s: include "/etc/bind/other";\ninclude "/etc/bind/luna.zones";\n')
    site.ok('node', 'add', 'node[001-002]', '-g', 'compute')
  })
  afterAll(() => site.remove())

  const makedns = (program = 'luna') => {
    const mounts = ['bind:/etc/bind', 'lib:/var/lib/bind'].map(one => {
      const [from, to] = one.split(':')
      return `mkdir -p ${to} && mount --bind ${site.directory}/${from} ${to}`
    })
    return site.run(['unshare', '-m', 'sh', '-c', `${mounts.join(' && ')} && exec ${program} cluster makedns`])
  }
  const read = (name: string) => readFileSync(join(site.directory, name), 'utf8')
  const zone = (name: string) => read(`lib/luna/${name}.luna.zone`)

  test('writes what named-checkconf accepts, and has named read it', () => {
    expect(makedns()).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(read('systemctl.log')).toMatch(/^reload-or-restart (named|bind9)\n$/)
    expect(readdirSync(join(site.directory, 'lib/luna')).sort()).toEqual(
      ['30.10.in-addr.arpa', '31.10.in-addr.arpa', 'cluster', 'ipmi'].map(name => `${name}.luna.zone`),
    )
    expectGolden('cli/luna.zones', read('bind/luna.zones'))
    for (const name of ['cluster', '30.10.in-addr.arpa'])
      expectGolden(`cli/${name}.zone`, zone(name).replace(/\d{10} ; serial/, 'SERIAL ; serial'))
  })
})
