import type { Command } from './command.ts'

/**
 * kea-dhcp4(8) -t reads the file and says what is wrong with it. Its lock file is for the log of several servers, and lies in a
 * directory that is there only while the server runs.
 */
export const checkKea = (file: string): Command => ({
  argv: ['kea-dhcp4', '-t', file],
  env: { KEA_LOCKFILE_DIR: 'none' },
})

/** On standard error it has one line, in front of which it says that it is an error. */
export const complaintOfKea = (stderr: string): string => stderr.replace(/^Error encountered: /, '')
