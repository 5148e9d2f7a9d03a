import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSmallSite, type Site } from './site.ts'

/** Every one gets one line on standard error, the exit status of docs/errors.md, and changes nothing. */
let site: Site
let rows: unknown
let views: string[]

const show = () =>
  ['cluster show', 'network list', 'osimage list', 'bmcsetup list', 'otherdev list', 'group list', 'node list'].map(
    words => site.ok(...words.split(' '), '--json'),
  )

beforeAll(() => {
  site = createSmallSite()
  site.image('os/other', '6.1.0-1-amd64')
  site.ok('node', 'add', 'node[001-002]', '-g', 'compute')
  site.ok('node', 'change', 'node001', '--mac', '52:54:00:00:00:01')
  site.ok('network', 'add', 'six', '-N', 'fd00::', '-P', '64')
  site.ok('network', 'add', 'tiny', '-N', '10.40.0.0', '-P', '30')
  site.ok('group', 'add', 'small', '-o', 'compute', '-N', 'tiny')
  rows = site.rows()
  views = show()
})
afterAll(() => {
  expect(show()).toEqual(views)
  site.remove()
})

const usage = 2
const invalid = 2
const notFound = 3
const conflict = 4
const inUse = 5
const notReady = 6

const cases: readonly [words: string[], status: number, message: string][] = [
  // words that make no sense
  [['frobnicate'], usage, '"frobnicate" is not an object of luna; see: luna --help'],
  [['constructor'], usage, 'is not an object of luna'],
  [['nodes', 'list'], usage, '"nodes" is not an object of luna; did you mean "node"?'],
  [['node', 'lst'], usage, '"lst" is not an action of luna node; did you mean "list"?'],
  [['node', 'frobnicate'], usage, '"frobnicate" is not an action of luna node; there are list, show, add, change'],
  [
    ['node', 'list', '--gruop', 'x'],
    usage,
    'unknown option \'--gruop\'; did you mean "--group"?; see: luna node list --help',
  ],
  [['node', 'list', 'node001'], usage, "too many arguments for 'list'"],
  [['node', 'show'], usage, 'HOSTLIST is missing: as the first word, or by -n HOSTLIST'],
  [['node', 'show', 'node001', '-n', 'node002'], usage, 'two names were given: "node001" and "node002"'],
  [['node', 'add', 'x1'], usage, '--group is missing; see --help'],
  [['node', 'add', 'x1', '-g'], usage, "option '-g, --group <GROUP>' argument missing"],
  [['node', 'rename', 'node001'], usage, '--newname is missing'],
  [['node', 'change', 'node001'], usage, 'nothing to change was said; see: luna node change --help'],
  [['node', 'change', 'node001', '--s', 'y'], usage, '--s may mean --switch or --setupbmc or --service; write it out'],
  [['node', 'change', 'node001', '-i', 'BOOTIF'], usage, '-i BOOTIF needs an address after it'],
  [['node', 'change', 'node001', '10.30.0.9', '-l', 'y'], usage, '"10.30.0.9" is a word too many'],
  [['node', 'change', '-n', 'node001', 'node002', '-l', 'y'], usage, '"node002" is a word too many'],
  [['node', 'change', 'node[001-002]', '--mac', '52:54:00:00:00:09'], usage, 'cannot be given to several nodes'],
  [['node', 'change', 'node001', '-i', 'BOOTIF', '10.30.0.9', '--bmcip', '10.31.0.9'], usage, 'one at a time'],
  [['node', 'show', 'node001', '-s', 'postscript'], usage, '--script shows boot or install, not "postscript"'],
  [['group', 'change', 'compute', '-A'], usage, '--add needs an interface: -i NAME or --bmcnetwork'],
  [['group', 'change', 'compute', '-i', 'eth1'], usage, 'say what to do with interface eth1'],
  [['group', 'change', 'compute', '-i', 'eth1', '-A', '--sn', 'ipmi'], usage, '--add and --setnet are two changes'],
  [['group', 'change', 'compute', '-i', 'eth1', '-bn', '-A'], usage, 'are two interfaces'],
  [['group', 'change', 'compute'], usage, 'nothing to change was said'],
  [['network', 'change', 'cluster'], usage, 'nothing to change was said'],
  [['network', 'add', 'n', '-N', '10.50.0.0'], usage, '--prefix is missing'],
  [['cluster', 'change'], usage, 'nothing to change was said'],
  [
    ['cluster', 'makedhcp', '-N', 'cluster', '-s', '10.30.1.1'],
    usage,
    '--network, --start_ip and --end_ip go together',
  ],
  [['cluster', 'makedhcp'], usage, 'no DHCP range is stored yet'],
  // names
  [['node', 'add', 'Node001', '-g', 'compute'], invalid, '"Node001" cannot be a host\'s name'],
  [['node', 'add', 'node003;reboot', '-g', 'compute'], invalid, "cannot be a host's name"],
  [['node', 'add', '../node003', '-g', 'compute'], invalid, "cannot be a host's name"],
  [['node', 'add', 'node\n003', '-g', 'compute'], invalid, '"node\\x0a003" cannot be a host\'s name'],
  [['node', 'add', 'node\u001b[2J', '-g', 'compute'], invalid, 'is not a hostlist'],
  [['node', 'add', '17', '-g', 'compute'], invalid, "cannot be a host's name"],
  [['node', 'add', 'node[003-', '-g', 'compute'], invalid, '"node[003-" is not a hostlist'],
  [['node', 'add', 'node[009-003]', '-g', 'compute'], invalid, 'range 009-003 runs backwards'],
  [['node', 'add', 'node[1-999999]', '-g', 'compute'], invalid, 'names more than 100000 hosts'],
  [['node', 'add', 'node003,,node004', '-g', 'compute'], invalid, 'is not a hostlist'],
  [['node', 'rename', 'node001', '--nn', 'node[004-005]'], invalid, "cannot be a host's name"],
  [['network', 'add', 'Net', '-N', '10.50.0.0', '-P', '16'], invalid, "cannot be a network's name"],
  [['network', 'add', 'a..b', '-N', '10.50.0.0', '-P', '16'], invalid, "cannot be a network's name"],
  [['group', 'add', 'a b', '-o', 'compute'], invalid, '"a b" cannot be the name of a group'],
  [['group', 'add', '$(id)', '-o', 'compute'], invalid, 'cannot be the name of a group'],
  [['group', 'add', '-n', '-rf', '-o', 'compute'], invalid, '"-rf" cannot be the name of a group'],
  [['group', 'add', 'g', '-o', 'compute', '-i', 'eth0/../x'], invalid, "cannot be an interface's name"],
  [['osimage', 'add', '../x', '-p', '/tmp'], invalid, 'cannot be the name of an osimage'],
  [['bmcsetup', 'add', ''], invalid, '"" cannot be the name of a bmcsetup'],
  [
    ['cluster', 'makedhcp', '-N', 'cluster', '-s', '10.30.1.1', '-e', '10.30.1.9', '--native_dhcp_ha'],
    notReady,
    'two DHCP servers need the addresses of both head nodes; run: luna cluster change --cluster_ips A,B',
  ],
  [['cluster', 'makedhcp', '--native_dhcp_ha', 'maybe'], invalid, 'is neither yes nor no'],
  [['cluster', 'change', '--dhcp_server', 'dnsmasq'], invalid, 'is not a DHCP server that Luna writes for: isc or kea'],
  [['cluster', 'change', '-p', 'Node;'], invalid, "cannot begin a node's name"],
  [['cluster', 'change', '--user', 'x:0:0'], invalid, "cannot be a user's name"],
  // addresses
  [['network', 'add', 'n', '-N', '10.50.0', '-P', '16'], invalid, '"10.50.0" is not an IP address'],
  [['network', 'add', 'n', '-N', '010.50.0.0', '-P', '16'], invalid, '"010.50.0.0" is not an IP address'],
  [['network', 'add', 'n', '-N', '10.50.0.0/16', '-P', '16'], invalid, '"10.50.0.0/16" is not an IP address'],
  [['network', 'add', 'n', '-N', 'fe80::1%eth0', '-P', '64'], invalid, 'is not an IP address'],
  [
    ['network', 'add', 'n', '-N', '224.0.0.0', '-P', '4'],
    invalid,
    '224.0.0.0/4 holds addresses that no machine can have',
  ],
  [['network', 'add', 'n', '-N', '10.50.0.0', '-P', '33'], invalid, '"33" is not a prefix length for IPv4 (1 to 30)'],
  [['network', 'add', 'n', '-N', '10.50.0.0', '-P', '0'], invalid, 'is not a prefix length'],
  [['network', 'add', 'n', '-N', '10.50.0.0', '-P', 'x'], invalid, 'is not a prefix length'],
  [['network', 'add', 'n', '-N', 'fd01::', '-P', '127'], invalid, 'is not a prefix length for IPv6 (1 to 126)'],
  [
    ['network', 'add', 'n', '-N', '10.50.0.0', '-P', '16', '--ns_ip', '10.51.0.1'],
    invalid,
    '10.51.0.1 is not in network "n"',
  ],
  [['network', 'change', 'cluster', '-R', '10.30.0.5,nonsense'], invalid, '"nonsense" is not an IP address'],
  [['network', 'change', 'cluster', '-R', '10.31.0.5'], invalid, '10.31.0.5 is not in network "cluster"'],
  [['network', 'change', 'cluster', '--release', '10.31.0.5'], invalid, '10.31.0.5 is not in network "cluster"'],
  [['cluster', 'change', '--frontend_address', '10.30.0.300'], invalid, '"10.30.0.300" is not an IP address'],
  [['cluster', 'change', '--frontend_address', '0.0.0.0'], invalid, 'is not an address that a machine can have'],
  [
    ['node', 'change', 'node001', '-i', 'BOOTIF', '10.31.0.9'],
    invalid,
    '10.31.0.9 is not in network "cluster" (10.30.0.0/16)',
  ],
  [
    ['node', 'change', 'node001', '-i', 'BOOTIF', '10.30.255.255'],
    invalid,
    'is the broadcast address of network "cluster"',
  ],
  [['node', 'change', 'node001', '-i', 'BOOTIF', 'fd00::9'], invalid, 'has no IPv6 network'],
  [['node', 'change', 'node001', '--bmcip', 'bmc1'], invalid, '"bmc1" is not an IP address'],
  [['node', 'change', 'node001', '--mac', '52:54:00:00:00'], invalid, 'is not the MAC address of a network card'],
  [['node', 'change', 'node001', '--mac', 'ff:ff:ff:ff:ff:ff'], invalid, 'is not the MAC address of a network card'],
  [['group', 'change', 'compute', '-bn', '--sn', 'six'], invalid, 'the BMC interface takes an IPv4 network only'],
  [['cluster', 'makedhcp', '-N', 'cluster', '-s', '10.30.9.9', '-e', '10.30.9.1'], invalid, 'runs backwards'],
  [
    ['cluster', 'makedhcp', '-N', 'ipmi', '-s', '10.31.9.1', '-e', '10.31.9.9'],
    invalid,
    'the frontend address 10.30.255.254 is not in network "ipmi"',
  ],
  // numbers, yes and no, paths, words
  [['cluster', 'change', '--frontend_port', '0'], invalid, '"0" is not a whole number from 1 to 65535'],
  [['cluster', 'change', '--frontend_port', '7050x'], invalid, 'is not a whole number'],
  [['cluster', 'change', '--frontend_port', '7051'], invalid, 'frontend_port and server_port are both 7051'],
  [['cluster', 'change', '--cluster_ips', '10.30.255.251'], invalid, "takes the addresses of two heads (A,B), or ''"],
  [['cluster', 'change', '--cluster_ips', '10.30.255.251,x'], invalid, '"x" is not an IP address'],
  [['cluster', 'change', '--cluster_ips', '10.30.255.251,10.30.255.251'], invalid, 'holds 10.30.255.251 twice'],
  [['cluster', 'change', '--frontend_https', 'maybe'], invalid, '"maybe" is neither yes nor no'],
  [['cluster', 'change', '--lweb_num_proc', '-1'], invalid, '"-1" is not a whole number from 0 to 1024'],
  [['cluster', 'change', '--lweb_pidfile', 'lweb.pid'], invalid, 'is not an absolute path'],
  [['cluster', 'change', '--torrent_listen_port_min', '9000'], invalid, 'is above torrent_listen_port_max'],
  [['cluster', 'change', '-d', '99'], invalid, '"99" is not a whole number from 1 to 9'],
  [['cluster', 'change', '--path', 'opt/luna'], invalid, 'is not an absolute path'],
  [['cluster', 'change', '--path', '/opt/../etc'], invalid, 'is not an absolute path'],
  [['node', 'change', 'node001', '-l', 'maybe'], invalid, '"maybe" is neither yes nor no'],
  [['bmcsetup', 'change', 'base', '-u', 'a'.repeat(17)], invalid, 'cannot be a BMC user'],
  [['bmcsetup', 'change', 'base', '-p', 'with space'], invalid, 'a BMC password has 1 to 20'],
  [['bmcsetup', 'change', 'base', '-N', '16'], invalid, '"16" is not a whole number from 0 to 15'],
  [['osimage', 'add', 'x', '-p', 'os/compute'], invalid, 'is not an absolute path'],
  [['osimage', 'add', 'x', '-p', '/nonexistent'], invalid, '/nonexistent'],
  [['osimage', 'add', 'x', '-p', 'SITE/os/bare'], invalid, 'has no kernel'],
  [['osimage', 'add', 'x', '-p', 'SITE/os/other', '-k', '9.9.9'], invalid, 'has no kernel 9.9.9; it has 6.1.0-1-amd64'],
  [['osimage', 'change', 'compute', '-o', 'quiet\nreboot'], invalid, 'it must be one line'],
  [['osimage', 'change', 'compute', '-d', 'luna,$(id)'], invalid, '"$(id)" cannot be a module\'s name'],
  [['osimage', 'change', 'compute', '-d', '-i18n'], invalid, 'leaves out the dracut module luna'],
  [['osimage', 'change', 'compute', '-d', 'luna,-luna'], invalid, 'leaves out the dracut module luna'],
  [['osimage', 'change', 'compute', '-k', '../../x'], invalid, '"../../x" is not a kernel version'],
  [['otherdev', 'add', 'nas'], usage, '--network is missing'],
  [['otherdev', 'add', 'nas', '-i', '10.30.0.9'], usage, '--ip needs the network that the address is in'],
  [
    ['otherdev', 'add', 'pdu[1-2]', '-N', 'cluster', '-i', '10.30.0.9'],
    usage,
    'one address cannot be given to several',
  ],
  [['otherdev', 'add', 'n_s', '-N', 'cluster'], invalid, '"n_s" cannot be a host\'s name'],
  [['otherdev', 'add', 'nas', '-N', 'cluster', '-i', '10.31.0.9'], invalid, '10.31.0.9 is not in network "cluster"'],
  // what is not there
  [['otherdev', 'show', 'nas'], notFound, 'there is no otherdev "nas"; see: luna otherdev list'],
  [['otherdev', 'add', 'nas', '-N', 'nope'], notFound, 'there is no network "nope"'],
  [['node', 'show', 'node003'], notFound, 'there is no node "node003"; see: luna node list'],
  [['node', 'change', 'node[001-003]', '-l', 'y'], notFound, 'there is no node "node003"'],
  [['node', 'delete', 'node[001-009]'], notFound, 'there are no nodes node[003-009]'],
  [['node', 'add', 'node003', '-g', 'nope'], notFound, 'there is no group "nope"; see: luna group list'],
  [['node', 'list', '-g', 'nope'], notFound, 'there is no group "nope"'],
  [['node', 'change', 'node001', '-g', 'nope', '-l', 'y'], notFound, 'there is no group "nope"'],
  [['group', 'add', 'g', '-o', 'nope'], notFound, 'there is no osimage "nope"'],
  [['group', 'add', 'g', '-o', 'compute', '-N', 'nope'], notFound, 'there is no network "nope"'],
  [['group', 'change', 'compute', '-b', 'nope'], notFound, 'there is no bmcsetup "nope"'],
  [['group', 'change', 'compute', '-o', 'nope', '-i', 'eth1', '-A'], notFound, 'there is no osimage "nope"'],
  [
    ['group', 'change', 'compute', '-i', 'eth9', '--sn', 'cluster'],
    notFound,
    'has no interface "eth9" (it has: BOOTIF, BMC)',
  ],
  [['group', 'change', 'compute', '--boot_if', 'eth9'], notFound, 'has no interface "eth9"'],
  [['network', 'delete', 'nope'], notFound, 'there is no network "nope"'],
  // what is taken
  [['otherdev', 'add', 'nas,node001', '-N', 'cluster'], conflict, 'node "node001" exists already'],
  [['cluster', 'init', '--user', 'root'], conflict, 'the cluster exists already; see: luna cluster show'],
  [['node', 'add', 'node[002-003]', '-g', 'compute'], conflict, 'node "node002" exists already'],
  [
    ['node', 'add', 'x[1-2]', '-g', 'small'],
    conflict,
    'network "tiny" (10.40.0.0/30) is too full: addresses needed 2, free 1',
  ],
  [['node', 'rename', 'node001', '--nn', 'node002'], conflict, 'node "node002" exists already'],
  [['node', 'change', 'node002', '--mac', '5254.0000.0001'], conflict, "to free it: luna node change node001 --mac ''"],
  [['node', 'change', 'node002', '-i', 'BOOTIF', '10.30.0.1'], conflict, '10.30.0.1 is the address of node "node001"'],
  [['node', 'change', 'node002', '-i', 'BOOTIF', '10.30.255.254'], conflict, '10.30.255.254 is not free'],
  [['network', 'add', 'cluster', '-N', '10.50.0.0', '-P', '16'], conflict, 'network "cluster" exists already'],
  [['network', 'add', 'n', '-N', '10.30.9.9', '-P', '16'], conflict, '10.30.0.0/16 is network "cluster" already'],
  [['network', 'change', 'cluster', '-R', '10.30.0.2'], conflict, '10.30.0.2 is the address of node "node002"'],
  [['network', 'change', 'cluster', '--ns_ip', '10.30.0.2'], conflict, '10.30.0.2 is the address of node "node002"'],
  [['osimage', 'add', 'x', '-p', 'SITE/os//compute/'], conflict, 'is the path of osimage "compute" already'],
  [['group', 'clone', 'compute', '-t', 'small'], conflict, 'group "small" exists already'],
  [
    ['cluster', 'makedhcp', '-N', 'cluster', '-s', '10.30.0.1', '-e', '10.30.0.9'],
    conflict,
    'holds 10.30.0.1, which is in use or reserved',
  ],
  // what is needed
  [['network', 'delete', 'cluster'], inUse, 'network "cluster" is used by group "compute", nodes node[001-002]'],
  [['group', 'delete', 'compute'], inUse, 'group "compute" still has nodes (2); see: luna node list -g compute'],
  [['osimage', 'delete', 'compute'], inUse, 'osimage "compute" is used by group "compute", group "small"'],
  [['bmcsetup', 'delete', 'base'], inUse, 'bmcsetup "base" is used by group "compute"'],
  [['cluster', 'delete'], inUse, 'the cluster still has nodes (2), groups (2), osimages (1), networks (4)'],
  // what must be done first
  [['cluster', 'change', '--frontend_https', 'y'], notReady, 'frontend_https needs nginx, with a certificate'],
  [
    ['cluster', 'change', '--user', 'nosuchuser'],
    notReady,
    'there is no user "nosuchuser" for the daemons; run: useradd',
  ],
  [
    ['node', 'show', 'node001', '-s', 'install'],
    notReady,
    'osimage "compute" is not packed; run: luna osimage pack compute',
  ],
]

describe('refused in one line', () => {
  test.each(cases)('%j', (words, status, message) => {
    const result = site.luna(...words.map(word => word.replace('SITE', site.directory)))
    expect(result.stderr).toContain(message)
    expect(result.stderr).toMatch(/^luna: [^\n]+\n$/)
    expect([result.status, result.stdout]).toEqual([status, ''])
    expect(site.rows()).toEqual(rows)
  })
})
