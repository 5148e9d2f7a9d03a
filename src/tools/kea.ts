import type { Command } from './command.ts'

/**
 * kea-dhcp4(8) -t reads the file and says what is wrong with it. Its lock file is for the log of several servers, and lies in a
 * directory that is there only while the server runs.
 */
export const checkKea = (file: string): Command => ({
  argv: ['kea-dhcp4', '-t', file],
  env: { KEA_LOCKFILE_DIR: 'none' },
})

const said = 'Error encountered: '

/** What it says on standard error, without the log on standard output; all when it ended otherwise. */
export function complaintOfKea(output: string): string {
  const lines = output.split('\n').filter(line => line.startsWith(said))
  return lines.length > 0 ? lines.map(line => line.slice(said.length)).join('\n') : output
}

/** Where Kea's hooks lie, with the machine's architecture as Node names it; Kea of Debian 12 wants whole paths. */
export const keaHooksDirectory = (family: 'debian' | 'redhat', arch: string): string =>
  family === 'debian'
    ? `/usr/lib/${arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/kea/hooks`
    : '/usr/lib64/kea/hooks'
