import type { Exec } from '../src/effects/exec.ts'
import type { Command } from '../src/tools/command.ts'
import { headAddress, switchAddress } from './bridge.ts'
import { imagePath } from './head.ts'
import { onHead } from './namespace.ts'
import type { MachineOptions } from './qemu.ts'
import type { LabNode, LabState } from './state.ts'

const luna = (...words: string[]): Command => ({ argv: ['luna', ...words] })

/** What an image on virtual machines wants to be told: its console, and not to lose time. */
const kernelOptions = 'console=ttyS0 quiet mitigations=off'
/**
 * TCG keeps a translation for each address that code has been seen at. With address space randomization the libraries'
 * pages gather a hundred thousand of them from as many processes of shell scripts, and when such a page is cleared
 * after the initrd is left, the whole list is walked at each store: machines stood still for minutes.
 */
const emulatedKernelOptions = 'norandmaps'

const menu = '/opt/luna/templates/menu.ipxe'
const shippedMenu = '/usr/local/lib/luna/share/luna/templates/menu.ipxe'

/** What the distribution's package would have enabled; the DHCP server is started by its first configuration. */
export const startServers: readonly Command[] = [
  { argv: ['systemctl', 'start', 'tftpd-hpa', 'luna-lab-router', 'luna-lab-switch'] },
]

/** From a bare head to its services: the READMEs' "Configure a new luna cluster". */
export const configureCluster: readonly Command[] = [
  luna('cluster', 'init', '--frontend_address', headAddress),
  luna('network', 'add', '-n', 'cluster', '-N', '10.30.0.0', '-P', '16'),
  luna('switch', 'add', '-n', 'switch01', '--oid', '.1.3.6.1.2.1.17.4.3.1.2', '--ip', switchAddress),
  luna('cluster', 'makedhcp', '--network', 'cluster', '--start_ip', '10.30.128.1', '--end_ip', '10.30.140.255'),
  { argv: ['systemctl', 'start', 'lweb', 'ltorrent'] },
]

/** A site's own iPXE menu: the shipped one, which waits 10 s for a person to choose, with no such patience. */
export const shortenMenu: readonly Command[] = [
  { argv: ['cp', shippedMenu, menu] },
  { argv: ['sed', '-i', 's/--timeout 10000 selected/--timeout 500 selected/', menu] },
]

export function packImage({ accelerator }: MachineOptions): Command[] {
  const options = accelerator === 'tcg' ? `${kernelOptions} ${emulatedKernelOptions}` : kernelOptions
  return [
    luna('osimage', 'add', '-n', 'compute', '-p', imagePath),
    luna('osimage', 'change', 'compute', '-o', options),
    luna('osimage', 'pack', 'compute'),
  ]
}

export const addGroup: readonly Command[] = [luna('group', 'add', '-n', 'compute', '-o', 'compute', '-N', 'cluster')]

/** Of several nodes the last is told by where it is plugged in, not by its MAC: Luna recognises it and stores the MAC. */
export const addNodes = (nodes: readonly LabNode[]): Command[] => [
  ...nodes.map(() => luna('node', 'add', '-g', 'compute')),
  ...nodes.map((node, index) =>
    index > 0 && index === nodes.length - 1
      ? luna('node', 'change', '-n', node.name, '-s', 'switch01', '-p', node.tap)
      : luna('node', 'change', '-n', node.name, '--mac', node.mac),
  ),
]

/** The group's postscript as it is, and after it what puts a key in the way of root's logins. */
export async function letIn(exec: Exec, { keeper }: LabState, publicKey: string): Promise<Command> {
  const { stdout } = await exec.run(onHead(keeper, luna('group', 'show', 'compute', '--post')))
  const lines = [
    'mkdir -p -m 700 /sysroot/root/.ssh',
    `echo '${publicKey.trim()}' >>/sysroot/root/.ssh/authorized_keys`,
    'chmod 600 /sysroot/root/.ssh/authorized_keys',
  ]
  return { ...luna('group', 'change', 'compute', '--postscript', '-e'), input: `${stdout}${lines.join('\n')}\n` }
}

/** The READMEs' "Check that everything is working properly". The daemons may have been started just now. */
export const checkServices: readonly Command[] = [
  {
    argv: [
      ...(['curl', '-sS', '--fail', '--output', '/dev/null', '--retry', '10', '--retry-connrefused'] as const),
      `http://${headAddress}:7050/luna?step=boot`,
    ],
  },
]
