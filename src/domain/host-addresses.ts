import { LunaError } from '../errors.ts'
import { type Address, parseHostAddress } from './address.ts'
import { parseHostlist } from './hostlist.ts'

/** Addresses of hosts, in the order of their names: 10.31.253.21, or 10.31.253.[21-24] for four. */
export const parseHostAddresses = (text: string): Address[] =>
  (/[[,]/.test(text) ? parseHostlist(text) : [text]).map(parseHostAddress)

/** Refuses to leave hosts over, or addresses. */
export function checkOneEach(names: readonly string[], addresses: readonly Address[]): void {
  if (addresses.length === names.length) return
  throw new LunaError(
    'usage',
    `names: ${names.length}, addresses: ${addresses.length}; each takes one of its own, as in: sw[1-4] -i 10.31.253.[21-24]`,
  )
}
