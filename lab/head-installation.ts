import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Exec } from '../src/effects/exec.ts'
import { LunaError } from '../src/errors.ts'
import type { Command } from '../src/tools/command.ts'
import { onHead } from './namespace.ts'
import { distDirectory, headFile } from './paths.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { lunaUnits, writeDropIn, writeSwitch, writeUnits } from './services.ts'
import type { LabSettings } from './settings.ts'
import { writeFile } from './write-file.ts'

/** Configuration and data that the real machine may have, of no concern to a fresh head. */
const leftovers = ['/etc/luna.conf', '/etc/dhcp/dhcpd.conf', '/etc/resolv.conf', '/var/lib/luna', '/var/lib/dhcp']

/** What installing Luna's package and those of the servers does on a real head. */
export async function installHead(exec: Exec, keeper: ProcessIdentity, settings: LabSettings): Promise<void> {
  const commands: Command[] = [
    { argv: ['rm', '-rf', '--one-file-system', ...leftovers] },
    { argv: ['hostname', 'head'] },
    { argv: ['install', '-d', '/var/lib/dhcp'] },
    ...writeFile('/var/lib/dhcp/dhcpd.leases', ''),
    ...linkPrograms(),
    ...writeUnits(),
    ...writeUnits(unitsToWrite()),
    ...writeFile('/usr/local/sbin/systemctl', readFileSync(headFile('systemctl'), 'utf8'), '755'),
    ...writeSwitch(readFileSync(headFile('bridge-mib'), 'utf8')),
    ...bootPrograms(),
    ...sshFiles(settings.paths.key),
  ]
  if (settings.seederUploadLimit !== undefined)
    commands.push(...writeDropIn('ltorrent', { LUNA_SEEDER_UPLOAD_LIMIT: `${settings.seederUploadLimit}` }))
  await addUser(exec, keeper)
  for (const command of commands) await exec.run(onHead(keeper, command))
}

async function addUser(exec: Exec, keeper: ProcessIdentity): Promise<void> {
  const exists = await exec.run(onHead(keeper, { argv: ['id', 'luna'] })).then(
    () => true,
    () => false,
  )
  if (exists) return
  const options = ['--system', '--user-group', '--no-create-home', '--home-dir', '/opt/luna']
  await exec.run(onHead(keeper, { argv: ['useradd', ...options, '--shell', '/usr/sbin/nologin', 'luna'] }))
}

const linkPrograms = (): Command[] =>
  readdirSync(join(distDirectory, 'bin'))
    .filter(name => name !== 'luna-lab')
    .map(name => ({ argv: ['ln', '-sfn', `../lib/luna/bin/${name}`, `/usr/local/bin/${name}`] }))

/** Those of Luna's units that the built tree has not. */
function unitsToWrite(): Record<string, string> {
  const shipped = join(distDirectory, 'share', 'luna', 'systemd')
  const text = (name: string, own: string) => {
    const path = join(shipped, `${name}.service`)
    return existsSync(path) ? readFileSync(path, 'utf8') : own
  }
  return Object.fromEntries(Object.entries(lunaUnits).map(([name, own]) => [name, text(name, own)]))
}

/** iPXE as Debian's package ipxe has it, under the names that the DHCP server hands out. */
function bootPrograms(): Command[] {
  const sources: Record<string, readonly string[]> = {
    'luna_undionly.kpxe': ['/usr/lib/ipxe/undionly.kpxe'],
    'ipxe.efi': ['/usr/lib/ipxe/ipxe.efi', '/boot/ipxe.efi'],
  }
  return Object.entries(sources).map(([name, candidates]) => {
    const found = candidates.find(path => existsSync(path))
    if (!found) throw new LunaError('notReady', `${candidates[0]} is missing; run: apt-get install ipxe`)
    return { argv: ['install', '-D', '-m', '644', found, `/srv/tftp/${name}`] }
  })
}

/** Root's key, and no questions about the host keys of nodes, which are the image's. */
const sshFiles = (key: string): Command[] => [
  ...writeFile('/root/.ssh/id_ed25519', readFileSync(key, 'utf8'), '600'),
  ...writeFile('/root/.ssh/id_ed25519.pub', readFileSync(`${key}.pub`, 'utf8')),
  ...writeFile(
    '/root/.ssh/config',
    [
      'Host *',
      'StrictHostKeyChecking no',
      'UserKnownHostsFile /dev/null',
      'LogLevel ERROR',
      'ConnectTimeout 10',
      '',
    ].join('\n  '),
  ),
]
