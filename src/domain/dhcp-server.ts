import { LunaError } from '../errors.ts'

/** Which DHCP server `luna cluster makedhcp` writes for: ISC's dhcpd, or Kea, its successor. */
export type DhcpServer = 'isc' | 'kea'

export function parseDhcpServer(text: string): DhcpServer {
  if (text === 'isc' || text === 'kea') return text
  throw new LunaError('invalid', `"${text}" is not a DHCP server that Luna writes for: isc or kea`)
}
