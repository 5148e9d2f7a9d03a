import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectGolden } from '../golden-file.ts'
import { createSmallSite, type Site } from './site.ts'

/** The real servers check their files; /etc/dhcp and /etc/kea are the test's, the address is in the command's own namespace. */
describe.runIf(process.getuid?.() === 0)('makedhcp', () => {
  let site: Site
  const range = ['-N', 'cluster', '-s', '10.30.128.1', '-e', '10.30.140.255']

  beforeAll(() => {
    site = createSmallSite()
    site.ok('node', 'add', 'node[001-002]', '-g', 'compute')
    site.ok('node', 'change', 'node001', '--mac', '52:54:00:00:00:01')
  })
  afterAll(() => site.remove())

  const makedhcp = (...words: string[]) => makedhcpOn('10.30.255.254', ...words)
  const makedhcpOn = (address: string, ...words: string[]) => {
    const script = [
      `ip address add ${address} dev lo && ip link set lo up`,
      `mount --bind ${site.directory}/dhcp /etc/dhcp && mount --bind ${site.directory}/kea /etc/kea`,
      'exec luna cluster makedhcp "$@"',
    ]
    return site.run(['unshare', '--mount', '--net', 'sh', '-c', script.join(' && '), '-', ...words])
  }
  const read = (name: string) => readFileSync(join(site.directory, name), 'utf8')
  const show = () => JSON.parse(site.ok('cluster', 'show', '--json'))

  test('writes what dhcpd accepts, and has it restarted', () => {
    expect(makedhcp(...range)).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expectGolden('cli/dhcpd.conf', read('dhcp/dhcpd.conf'))
    expect(read('systemctl.log')).toMatch(/^restart (isc-dhcp-server|dhcpd)\n$/)
    expect(show()).toMatchObject({
      dhcp_network: 'cluster',
      dhcp_start_ip: '10.30.128.1',
      dhcp_end_ip: '10.30.140.255',
    })
    expect(readdirSync(join(site.directory, 'dhcp'))).toEqual(['dhcpd.conf'])
  })

  test('a dry run shows what would change in the file, and restarts nothing', () => {
    site.ok('node', 'change', 'node002', '--mac', '52:54:00:00:00:02')
    const before = [read('dhcp/dhcpd.conf'), read('systemctl.log'), site.rows()]
    const { status, stdout, stderr } = makedhcp('--dry-run')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('+++ /etc/dhcp/dhcpd.conf\n')
    expect(stdout).toContain('\n+host node002 {\n')
    expect(stdout).toMatch(/^would run: systemctl restart (isc-dhcp-server|dhcpd)\n$/m)
    expect([read('dhcp/dhcpd.conf'), read('systemctl.log'), site.rows()]).toEqual(before)
    expect(readdirSync(join(site.directory, 'dhcp'))).toEqual(['dhcpd.conf'])
  })

  test('again with nothing, after a change', () => {
    site.ok('node', 'change', 'node002', '--mac', '52:54:00:00:00:02')
    expect(makedhcp().status).toBe(0)
    expect(read('dhcp/dhcpd.conf')).toContain('host node002 {')
  })

  test('after the head has moved, the change says to run it again', () => {
    const move = (port: string) => site.luna('cluster', 'change', '--frontend_port', port)
    expect(move('8080').stderr).toBe(
      'luna: warning: for machines that boot to be sent to http://10.30.255.254:8080, run: luna cluster makedhcp\n',
    )
    expect(move('8080').stderr).toBe('')
    move('7050')
    expect(site.luna('cluster', 'change', '--frontend_address', '10.31.255.1').stderr).toBe(
      'luna: warning: 10.31.255.1 is not in network "cluster", where DHCP answers; run: luna cluster makedhcp -N NETWORK -s START_IP -e END_IP, with a network that holds it\n',
    )
    site.ok('cluster', 'change', '--frontend_address', '10.30.255.254')
  })

  test('the range is kept from nodes', () => {
    const { status, stderr } = site.luna('node', 'change', 'node001', '-i', 'BOOTIF', '10.30.130.1')
    expect([status, stderr]).toEqual([
      4,
      'luna: 10.30.130.1 is not free (DHCP range); see: luna network show cluster -r\n',
    ])
    expect(site.ok('network', 'show', 'cluster', '-r')).toMatch(/^10\.30\.\d+\.1-10\.30\.\d+\.\d+ +DHCP range$/m)
  })

  test("a site's own template that dhcpd refuses changes neither file nor range; its words are shown", () => {
    const before = [read('dhcp/dhcpd.conf'), site.rows()]
    site.write('luna/templates/dhcpd.conf', 'subnet {{ subnet }} nonsense;\n')
    const words = ['-N', 'cluster', '-s', '10.30.9.1', '-e', '10.30.9.9']
    const { status, stderr } = makedhcp(...words)
    expect(status).toBe(1)
    const withoutCandidate = (text: string) => text.replace(/luna-[0-9a-f]{8}/, '')
    const dry = makedhcp(...words, '--dry-run')
    expect([dry.status, dry.stdout, withoutCandidate(dry.stderr)]).toEqual([status, '', withoutCandidate(stderr)])
    expect(stderr).toContain('luna: dhcpd refuses the new /etc/dhcp/dhcpd.conf; the old one stays\n')
    expect(stderr).toMatch(/\n {2}.*nonsense/)
    expect([read('dhcp/dhcpd.conf'), site.rows()]).toEqual(before)
    expect(readdirSync(join(site.directory, 'dhcp'))).toEqual(['dhcpd.conf'])
  })

  test('a template with a variable that is not there says which', () => {
    site.write('luna/templates/dhcpd.conf', 'subnet {{ subnett }};\n')
    expect(makedhcp()).toMatchObject({ status: 1, stderr: expect.stringContaining('subnett') })
    site.write('luna/templates/dhcpd.conf', read('dhcp/dhcpd.conf'))
  })

  test('a server that does not start is a warning: the file is right', () => {
    site.systemctl('echo "Job failed." >&2; exit 1')
    const { status, stderr } = makedhcp()
    expect(status).toBe(0)
    expect(stderr).toMatch(/^luna: warning: \/etc\/dhcp\/dhcpd.conf is in place, but \S+ did not restart/)
  })

  test('without dhcpd says so and writes nothing', () => {
    site.program('luna-without-dhcpd', `PATH=${site.directory}/bin:/usr/bin:/bin exec luna "$@"`)
    const before = read('dhcp/dhcpd.conf')
    const script = `mount --bind ${site.directory}/dhcp /etc/dhcp && exec luna-without-dhcpd cluster makedhcp`
    const { status, stderr } = site.run(['unshare', '-m', 'sh', '-c', script])
    expect([status, stderr]).toEqual([1, expect.stringContaining('dhcpd is not installed')])
    expect(read('dhcp/dhcpd.conf')).toBe(before)
  })

  test('one that takes long does not put an older file over a newer one', () => {
    rmSync(join(site.directory, 'luna/templates/dhcpd.conf'), { force: true })
    site.systemctl()
    const patience = 'n=0; until [ -e other-is-done ] || [ $((n += 1)) -gt 20 ]; do sleep 0.1; done'
    site.program('dhcpd', `mkdir first 2>/dev/null && { ${patience}; }; exec /usr/sbin/dhcpd "$@"`)
    const script = `mount --bind ${site.directory}/dhcp /etc/dhcp
      luna cluster makedhcp & pid=$!
      until [ -e first ] || ! kill -0 $pid; do sleep 0.05; done
      luna node change node002 --mac 52:54:00:00:00:22 && luna cluster makedhcp && touch other-is-done && wait $pid`
    expect(site.run(['unshare', '--mount', 'sh', '-c', script])).toMatchObject({ status: 0, stderr: '' })
    expect(read('dhcp/dhcpd.conf')).toContain('52:54:00:00:00:22')
    rmSync(join(site.directory, 'bin/dhcpd'))
    site.ok('node', 'change', 'node002', '--mac', '52:54:00:00:00:02')
  })

  describe('Kea', () => {
    beforeAll(() => {
      site.systemctl()
      rmSync(join(site.directory, 'systemctl.log'))
    })

    test('is chosen, and the other server is to be stopped', () => {
      const { status, stderr } = site.luna('cluster', 'change', '--dhcp_server', 'kea')
      expect(status).toBe(0)
      expect(stderr).toMatch(
        /^luna: warning: stop dhcpd \(systemctl disable --now (isc-dhcp-server|dhcpd)\), then .*: luna cluster makedhcp\n$/,
      )
      expect(site.luna('cluster', 'change', '--dhcp_server', 'kea')).toMatchObject({ status: 0, stderr: '' })
    })

    test('gets what it accepts, which is plain JSON; the file of dhcpd stays', () => {
      const before = read('dhcp/dhcpd.conf')
      expect(makedhcp()).toMatchObject({ status: 0, stdout: '', stderr: '' })
      expectGolden('cli/kea-dhcp4.conf', read('kea/kea-dhcp4.conf'))
      expect(JSON.parse(read('kea/kea-dhcp4.conf')).Dhcp4.subnet4[0].reservations).toHaveLength(2)
      expect(read('systemctl.log')).toMatch(/^restart (kea-dhcp4-server|kea-dhcp4)\n$/)
      expect(readdirSync(join(site.directory, 'kea'))).toEqual(['kea-dhcp4.conf'])
      expect(read('dhcp/dhcpd.conf')).toBe(before)
    })

    test('is not to run beside dhcpd', () => {
      site.systemctl('exit 0', ['isc-dhcp-server', 'kea-dhcp4-server', 'kea-dhcp4'])
      expect(makedhcp()).toMatchObject({
        status: 0,
        stderr:
          'luna: warning: isc-dhcp-server runs, too, and answers the same machines; run: systemctl disable --now isc-dhcp-server\n',
      })
      site.systemctl()
    })

    test('has its file as the package made it: not for all to read', () => {
      const path = join(site.directory, 'kea/kea-dhcp4.conf')
      chmodSync(path, 0o640)
      chownSync(path, 0, 65534)
      expect(makedhcp().status).toBe(0)
      const { mode, uid, gid } = statSync(path)
      expect([mode & 0o777, uid, gid]).toEqual([0o640, 0, 65534])
    })

    test('refuses a template, in its own words', () => {
      const before = [read('kea/kea-dhcp4.conf'), site.rows()]
      site.write('luna/templates/kea-dhcp4.conf', '{ "Dhcp4": { "subnets": {{ subnet | json }} } }\n')
      const { status, stderr } = makedhcp('-N', 'cluster', '-s', '10.30.9.1', '-e', '10.30.9.9')
      expect(status).toBe(1)
      expect(stderr).toMatch(
        /^luna: kea-dhcp4 refuses the new \/etc\/kea\/kea-dhcp4.conf; the old one stays\n {2}.*got unexpected keyword "subnets".*\n$/,
      )
      expect([read('kea/kea-dhcp4.conf'), site.rows()]).toEqual(before)
    })
  })

  describe.each([
    ['isc', 'dhcp/dhcpd.conf'],
    ['kea', 'kea/kea-dhcp4.conf'],
  ])('two heads with %s', (server, file) => {
    const [first, second] = ['10.30.255.252', '10.30.255.253'] as const
    const golden = (role: string) => `cli/${role}-${file.split('/')[1]}`

    beforeAll(() => {
      for (const name of ['dhcpd.conf', 'kea-dhcp4.conf'])
        rmSync(join(site.directory, 'luna/templates', name), { force: true })
      site.systemctl()
      site.ok('cluster', 'change', '--dhcp_server', server, '--cluster_ips', `${first},${second}`)
    })

    test('each gets its side of the pair, which the server accepts', () => {
      expect(makedhcpOn(first, '--native_dhcp_ha')).toMatchObject({ status: 0, stderr: '' })
      expectGolden(golden('primary'), read(file))
      expect(makedhcpOn(second)).toMatchObject({ status: 0, stderr: '' })
      expectGolden(golden('secondary'), read(file))
      expect(show()).toMatchObject({ native_dhcp_ha: true })
    })

    test('no other machine does', () => {
      const before = [read(file), site.rows()]
      const { status, stderr } = makedhcpOn('10.30.255.254')
      expect([status, stderr]).toEqual([
        2,
        expect.stringMatching(/^luna: .* neither is an address of this machine.*\n$/),
      ])
      expect([read(file), site.rows()]).toEqual(before)
    })

    test('and one head is enough again', () => {
      expect(makedhcpOn('10.30.255.254', '--native_dhcp_ha', 'n')).toMatchObject({ status: 0, stderr: '' })
      expect(read(file)).not.toMatch(/failover|hooks/)
      expect(show()).toMatchObject({ native_dhcp_ha: false })
    })
  })

  test('the real directory was not touched', () => {
    expect(
      existsSync('/etc/dhcp/dhcpd.conf') && readFileSync('/etc/dhcp/dhcpd.conf', 'utf8').includes('52:54:00:00:00:01'),
    ).toBe(false)
  })
})
