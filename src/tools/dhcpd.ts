import type { Command } from './command.ts'

/** dhcpd(8) -t: reads the file and says what is wrong with it; with -q it would not say. */
export const checkDhcpd = (file: string): Command => ({ argv: ['dhcpd', '-4', '-t', '-cf', file] })

/** What it said without its banner above and its advice on reporting bugs below. */
export const complaintOfDhcpd = (stderr: string): string =>
  stderr
    .replace(/^Internet Systems Consortium.*?isc\.org\S*\n/s, '')
    .replace(/^Configuration file errors encountered.*/ms, '')
