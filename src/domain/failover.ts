import { LunaError } from '../errors.ts'
import { type Address, formatAddress } from './address.ts'

/** Two head nodes that answer DHCP as a pair, seen from the one of them that this is. */
export interface FailoverPair {
  role: 'primary' | 'secondary'
  own: Address
  peer: Address
}

const howToTurnOff = 'without a pair: luna cluster makedhcp --native_dhcp_ha n'

/**
 * The first of cluster_ips is the primary, on whichever head it is asked.
 * @param isOwn of each of clusterIps, whether this machine has it
 */
export function failoverPair(clusterIps: readonly Address[], isOwn: readonly boolean[]): FailoverPair {
  const [first, second] = clusterIps
  if (!first || !second)
    throw new LunaError(
      'notReady',
      `two DHCP servers need the addresses of both head nodes; run: luna cluster change --cluster_ips A,B (${howToTurnOff})`,
    )
  const said = `cluster_ips ${formatAddress(first)} and ${formatAddress(second)}`
  if (first.version !== 4 || second.version !== 4)
    throw new LunaError('invalid', `of ${said} one is not IPv4, which the pair of DHCP servers talks (${howToTurnOff})`)
  if (isOwn[0] === isOwn[1])
    throw new LunaError(
      'invalid',
      `of ${said} ${isOwn[0] ? 'both are' : 'neither is'} an address of this machine; run makedhcp on each of the two head nodes (${howToTurnOff})`,
    )
  return isOwn[0] ? { role: 'primary', own: first, peer: second } : { role: 'secondary', own: second, peer: first }
}
