import type { Command } from './command.ts'

/** Where both families of distributions look for it. */
export const dhcpdFile = '/etc/dhcp/dhcpd.conf'

/** dhcpd(8) -t: reads the file and says what is wrong with it. */
export const checkDhcpd = (file: string): Command => ({ argv: ['dhcpd', '-4', '-t', '-q', '-cf', file] })
