import type { Command } from '../src/tools/command.ts'
import type { LabNode } from './state.ts'

export const bridge = 'provision'
/** The READMEs' address of a head, in the READMEs' network. */
export const headAddress = '10.30.255.254'
const headCidr = `${headAddress}/16`
/** Where the bridge is asked as a switch. */
export const switchAddress = '10.30.255.253'
const headIpv6Cidr = 'fd4c:756e:61::1/64'
export const ipv6Prefix = 'fd4c:756e:61::'

/** The provisioning network: a bridge with the head's address and a switch's, and a tap for each machine's cable. No way out of it. */
export const wireNetwork = (nodes: readonly LabNode[]): Command => ({
  argv: ['ip', '-batch', '-'],
  input: [
    'link set lo up',
    // A bridge that learns first would swallow the first seconds of a booting machine.
    `link add ${bridge} type bridge forward_delay 0 stp_state 0`,
    `addr add ${headCidr} dev ${bridge}`,
    `addr add ${switchAddress}/16 dev ${bridge}`,
    `addr add ${headIpv6Cidr} dev ${bridge} nodad`,
    `link set ${bridge} up`,
    ...nodes.flatMap(({ tap }) => [`tuntap add dev ${tap} mode tap`, `link set ${tap} master ${bridge} up`]),
    '',
  ].join('\n'),
})
