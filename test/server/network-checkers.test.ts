/**
 * What is written for a node's network, given to the programs that read it there. Those that can run without a system around
 * them do so in a network namespace of their own, with a card that has the boot MAC; needs root, iproute2, and the Debian
 * packages ifupdown, netplan.io, network-manager and systemd.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NetworkWriter } from '../../src/domain/distribution.ts'
import type { NodeFile } from '../../src/render/network/network-files.ts'
import { cases, mac, renderCase } from '../golden/network-cases.ts'

/** What the node's system calls its boot interface in these tests. */
const card = 'ens7'
/** All but the one without a MAC, which is for people to look at. */
const names = Object.keys(cases).filter(name => name !== 'unknown')

let base: string
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'luna-network-'))
  execFileSync('chmod', ['755', base])
})
afterAll(() => rmSync(base, { recursive: true }))

/** Writes the files of a case below a new directory, as the install script does, and returns it. */
function writeNode(writer: NetworkWriter, name: string): { root: string; files: NodeFile[] } {
  const root = mkdtempSync(join(base, `${writer}-${name}-`))
  const files = renderCase(writer, name).map(({ path, mode, content }) => ({
    path: path.replaceAll('@BOOTIF@', card),
    mode,
    content: content.replaceAll('@BOOTIF@', card),
  }))
  for (const { path, mode, content } of files) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), content, { mode: Number.parseInt(mode, 8) })
  }
  execFileSync('chmod', ['755', root])
  return { root, files }
}

function run(argv: string[], input = ''): { status: number | null; output: string; stdout: string } {
  const [program, ...args] = argv
  const { status, stdout, stderr, error } = spawnSync(program!, args, { input, encoding: 'utf8', timeout: 60_000 })
  if (error) throw error
  return { status, stdout, output: stdout + stderr }
}

/**
 * Two cables: from ens7, which has the boot MAC, to eth1, and from eth2 to eth3; the far ends are up, for DAD needs a link
 * (RFC 4862 5.4). /sys shows the namespace it was mounted in. Read-only it says "container" to networkd: no udev is waited for.
 */
const cables = `ip link add ${card} address ${mac} type veth peer name eth1
ip link add eth2 type veth peer name eth3
ip link set eth1 up
ip link set eth3 up
mount -t sysfs -o ro sysfs /sys`

/** Runs a script in network and mount namespaces of its own; `$1` is the directory of the node's files. */
const inNamespace = (script: string, root: string) =>
  run([
    'unshare',
    '--net',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    'sh',
    '-ec',
    `${cables}\n${script}`,
    'sh',
    root,
  ])

interface Link {
  ifname: string
  mtu: number
  addr_info: { local: string; prefixlen: number; scope: string }[]
}

/** Interface → its addresses of global scope, from `ip -json address`. */
function addressesOf(json: string): Record<string, string[]> {
  const links = JSON.parse(json) as Link[]
  const global = ({ addr_info }: Link) => addr_info.filter(({ scope }) => scope === 'global')
  return Object.fromEntries(
    links.map(link => [link.ifname, global(link).map(({ local, prefixlen }) => `${local}/${prefixlen}`)]),
  )
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1)!

/** Addresses that each case asks for, by interface. */
const wanted: Record<string, Record<string, string[]>> = {
  ipv4: { [card]: ['10.30.0.1/16'] },
  ipv6: { [card]: ['fd77:30::1/64'] },
  both: { [card]: ['10.30.0.1/16', 'fd77:30::1/64'] },
  several: { [card]: ['10.30.0.1/16'], eth1: ['10.32.0.1/24'] },
}

describe('ifupdown brings the interfaces up', () => {
  const ifup = (name: string, options: string) => {
    const { root } = writeNode('ifupdown', name)
    const script = `mkdir $1/state
      ifup -i $1/etc/network/interfaces --state-dir $1/state -a ${options} 2>&1
      ip -json address`
    return inNamespace(script, root)
  }

  test.each(Object.keys(wanted))('%s', name => {
    const { status, stdout, output } = ifup(name, '--no-scripts')
    expect(status, output).toBe(0)
    expect(addressesOf(lastLine(stdout))).toMatchObject(wanted[name]!)
    const mtu = (JSON.parse(lastLine(stdout)) as Link[]).find(({ ifname }) => ifname === 'eth2')?.mtu
    expect(mtu).toBe(name === 'several' ? 9000 : 1500)
  })

  test('dhcp: runs a client on the card with the boot MAC', () => {
    const { status, output } = ifup('dhcp', '--no-act --verbose')
    expect(status, output).toBe(0)
    expect(output).toMatch(new RegExp(`dhc(lient|pcd).* ${card}\\b`))
  })

  test('it does refuse nonsense', () => {
    const { root, files } = writeNode('ifupdown', 'ipv4')
    const path = join(root, files[1]!.path)
    writeFileSync(path, files[1]!.content.replace('inet static', 'inet nonsense'))
    expect(run(['ifquery', '-i', path, '--list']).status).not.toBe(0)
  })
})

describe('systemd-networkd configures the interfaces', () => {
  const waitFor = (interfaces: string[]) => interfaces.map(one => `-i ${one}:carrier`).join(' ')
  const networkd = (root: string, interfaces: string[]) =>
    inNamespace(
      `mount --bind $1/etc/systemd/network /etc/systemd/network
      mount -t tmpfs tmpfs /run
      install -d -o systemd-network -g systemd-network /run/systemd/netif $(printf '/run/systemd/netif/%s ' links leases lldp)
      SYSTEMD_LOG_TARGET=console /lib/systemd/systemd-networkd 2>&1 &
      /lib/systemd/systemd-networkd-wait-online --timeout=30 ${waitFor(interfaces)}
      ip -json address`,
      root,
    )

  test.each(Object.keys(wanted))('%s', name => {
    const { root } = writeNode('networkd', name)
    const { status, stdout, output } = networkd(root, Object.keys(wanted[name]!))
    expect(status, output).toBe(0)
    expect(output).not.toMatch(/Unknown|Invalid|ignoring/i)
    expect(addressesOf(lastLine(stdout))).toMatchObject(wanted[name]!)
  })

  test('a section or key that it does not know is in its words', () => {
    const { root, files } = writeNode('networkd', 'ipv4')
    writeFileSync(join(root, files[1]!.path), `${files[1]!.content}Nonsense=1\n`)
    expect(networkd(root, [card]).output).toMatch(/Unknown key.*Nonsense/)
  })
})

describe('netplan generates from it', () => {
  const generate = (root: string) => run(['netplan', 'generate', '--root-dir', root])

  test.each(names)('%s', name => {
    const { root } = writeNode('netplan', name)
    const { status, output } = generate(root)
    expect(status, output).toBe(0)
    expect(output).toBe('')
    const generated = execFileSync('sh', ['-c', 'cat "$1"/run/systemd/network/*', 'sh', root], { encoding: 'utf8' })
    expect(generated.toLowerCase()).toContain(`macaddress=${mac}`)
    const addresses = Object.values(wanted[name] ?? {}).flat()
    expect([...generated.matchAll(/^Address=(.*)$/gm)].map(match => match[1])).toEqual(addresses)
    expect(generated.includes('DHCP=ipv4')).toBe(name === 'dhcp')
    expect(generated.includes('MTUBytes=9000')).toBe(name === 'several')
  })

  test('it does refuse nonsense', () => {
    const { root, files } = writeNode('netplan', 'ipv4')
    writeFileSync(join(root, files[1]!.path), `${files[1]!.content}      nonsense: 1\n`)
    expect(generate(root).status).not.toBe(0)
  })
})

describe('NetworkManager reads the keyfiles', () => {
  // `connection modify` reads a keyfile, changes nothing here, and writes what it has understood
  const read = (content: string) => run(['nmcli', '--offline', 'connection', 'modify', 'connection.zone', ''], content)
  const settled = (text: string) => text.split('\n').filter(line => /^[\w-]+=/.test(line) && !line.startsWith('uuid='))

  test.each(names)('%s', name => {
    const { files } = writeNode('keyfile', name)
    for (const { path, content } of files.filter(file => file.path.endsWith('.nmconnection'))) {
      const { status, stdout, output } = read(content)
      expect(status, `${path}\n${output}`).toBe(0)
      expect(settled(stdout.toLowerCase()).sort()).toEqual(settled(content.toLowerCase()).sort())
    }
  })

  test('the parameters can make a bond of it', () => {
    const [, eth1] = renderCase('keyfile', 'several').slice(1)
    const { status, stdout } = read(
      `${eth1!.content.replaceAll('eth1', 'bond0')}[connection]\ntype=bond\n[bond]\nmode=802.3ad\n`,
    )
    expect(status).toBe(0)
    expect(stdout).toContain('type=bond')
    expect(stdout).toContain('mode=802.3ad')
  })

  test('it does refuse nonsense', () => {
    const { files } = writeNode('keyfile', 'ipv4')
    expect(read(`${files[1]!.content}\n[ipv4]\nmethod=nonsense\n`).status).not.toBe(0)
  })
})

describe.each(['ifcfg', 'wicked'] as const)('a shell reads the files of %s', writer => {
  const variablesOf = (content: string, variables: string[]): string[] => {
    const script = `set -eu\n${content}\nprintf '%s\\n' ${variables.map(one => `"\${${one}-}"`).join(' ')}`
    return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env: {} }).trimEnd().split('\n')
  }
  const variables = {
    ifcfg: ['DEVICE', 'HWADDR', 'BOOTPROTO', 'IPADDR', 'PREFIX', 'IPV6INIT', 'IPV6ADDR', 'DNS2', 'DOMAIN'],
    wicked: ['STARTMODE', 'BOOTPROTO', 'IPADDR', 'IPADDR_6'],
  }[writer]
  const values: Record<'ifcfg' | 'wicked', Record<string, string[]>> = {
    ifcfg: {
      ipv4: [card, mac, 'none', '10.30.0.1', '16', 'no', '', '', ''],
      both: [card, mac, 'none', '10.30.0.1', '16', 'yes', 'fd77:30::1/64', 'fd77:30::ff', 'cluster example.org'],
      dhcp: [card, mac, 'dhcp', '', '', 'no', '', '', ''],
    },
    wicked: {
      ipv4: ['auto', 'static', '10.30.0.1/16', ''],
      both: ['auto', 'static', '10.30.0.1/16', 'fd77:30::1/64'],
      dhcp: ['auto', 'dhcp4', '', ''],
    },
  }

  test.each(Object.keys(values[writer]))('%s', name => {
    const { files } = writeNode(writer, name)
    expect(files[1]!.path).toMatch(new RegExp(`/ifcfg-${card}$`))
    const lines = variablesOf(files[1]!.content, variables)
    expect([...lines, ...Array(variables.length - lines.length).fill('')]).toEqual(values[writer][name])
  })

  test('each file is assignments and comments, nothing else, and the parameters come last', () => {
    for (const { path, content } of writeNode(writer, 'several').files.slice(1)) {
      expect(run(['bash', '-n', '-c', content]).status, path).toBe(0)
      expect(content).toMatch(/^(#.*\n|[A-Z0-9_]+=([\w.:/@-]*|"[\w. -]*")\n)+$/)
      expect(content.endsWith('MTU=9000\n')).toBe(!path.endsWith(card))
    }
  })
})
