import type { Command } from '../src/tools/command.ts'
import { bridge, headAddress, ipv6Prefix, switchAddress } from './bridge.ts'
import { writeFile } from './write-file.ts'

const unitDirectory = '/etc/systemd/system'
const switchConfiguration = '/etc/snmp/luna-lab.conf'

/** A unit file of what runs until it is stopped; the stand-in for systemctl (head/systemctl) reads it. */
const unit = (description: string, lines: readonly string[]): string =>
  ['[Unit]', `Description=${description}`, '', '[Service]', ...lines, 'Restart=always', 'RestartSec=1', ''].join('\n')

/** The servers that a head has from its distribution, and two that only the lab wants. */
const units: Record<string, string> = {
  'isc-dhcp-server': unit('ISC DHCP server', [
    `ExecStart=/usr/sbin/dhcpd -4 -f -d -cf /etc/dhcp/dhcpd.conf -lf /var/lib/dhcp/dhcpd.leases ${bridge}`,
  ]),
  'tftpd-hpa': unit('TFTP server', [
    `ExecStart=/usr/sbin/in.tftpd -L -v --user tftp --address ${headAddress}:69 --secure /srv/tftp`,
  ]),
  // iPXE waits some 13 s for a router's IPv6 advertisement before it goes on without. A site with IPv6 has routers.
  'luna-lab-router': unit('IPv6 router advertisements', [
    `ExecStart=/usr/sbin/dnsmasq -k --conf-file=/dev/null --port=0 --interface=${bridge} --bind-interfaces --enable-ra --dhcp-range=${ipv6Prefix},ra-only,64 --dhcp-leasefile=/run/luna-lab-router.leases --log-facility=-`,
  ]),
  'luna-lab-switch': unit('SNMP agent of the bridge, as of a switch', [
    'Environment=MIBS=',
    `ExecStart=/usr/sbin/snmpd -f -Lo -C -c ${switchConfiguration}`,
  ]),
}

const bridgeMib = '/usr/local/sbin/luna-lab-bridge-mib'

/** What the SNMP agent tells of the bridge. */
export const writeSwitch = (program: string): Command[] => [
  ...writeFile(bridgeMib, program, '755'),
  ...writeFile(
    switchConfiguration,
    [
      `agentaddress udp:${switchAddress}:161`,
      'rocommunity public',
      `pass_persist .1.3.6.1.2.1.17 ${bridgeMib} ${bridge}`,
      '',
    ].join('\n'),
  ),
]

/** Luna's own daemons, which start as root and become the cluster's user; for as long as the built tree ships no units. */
export const lunaUnits: Record<string, string> = {
  lweb: unit('Luna: boot scripts, install scripts, images', ['ExecStart=/usr/local/bin/lweb run']),
  ltorrent: unit('Luna: torrent tracker and seeder', ['ExecStart=/usr/local/bin/ltorrent run']),
}

export const writeUnits = (all: Record<string, string> = units): Command[] =>
  Object.entries(all).flatMap(([name, text]) => writeFile(`${unitDirectory}/${name}.service`, text))

/** Settings of the lab's for a unit, beside those it comes with. */
export const writeDropIn = (name: string, environment: Record<string, string>): Command[] =>
  writeFile(
    `${unitDirectory}/${name}.service.d/lab.conf`,
    ['[Service]', ...Object.entries(environment).map(([key, value]) => `Environment=${key}=${value}`), ''].join('\n'),
  )
