import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** In the directory: keys `host` and `root`, and `bin/ssh`, which uses them and knows nothing of this machine's own. */
export function makeSshKeys(directory: string): void {
  for (const name of ['host', 'root'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, name)])
  mkdirSync(join(directory, 'bin'))
  const options = `-i ${join(directory, 'root')} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`
  writeFileSync(join(directory, 'bin', 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F /dev/null ${options} "$@"\n`)
  chmodSync(join(directory, 'bin', 'ssh'), 0o755)
}

/** The words of sshd(8) that let root in by that key and listen at that address. */
export const sshdWords = (keys: { host: string; authorized: string }, address: string): string[] => [
  ...['-D', '-e', '-f', '/dev/null'],
  ...[
    ...[`HostKey=${keys.host}`, `AuthorizedKeysFile=${keys.authorized}`, 'StrictModes=no', 'UsePAM=no'],
    ...['PermitRootLogin=prohibit-password', 'PidFile=none', `ListenAddress=${address}`],
  ].map(option => `-o${option}`),
]
