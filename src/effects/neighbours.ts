import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { type Address, formatAddress, parseAddress, sameAddress } from '../domain/address.ts'
import { contains, networkOf } from '../domain/cidr.ts'
import { findMac, type Mac } from '../domain/mac.ts'
import type { Exec } from './exec.ts'

/** What the head's kernel knows of the machines around it. */
export interface Neighbours {
  /**
   * @returns whether the address is the head's own, and the MACs that the neighbour table has for it, undefined when it is in
   * none of the networks the head has an interface in
   */
  find(address: Address): Promise<{ own: boolean; macs: Mac[] | undefined }>
}

export const createNeighbours = (exec: Exec): Neighbours => ({
  async find(address) {
    const held = Object.values(networkInterfaces()).flatMap(list => list ?? [])
    const own = isLoopback(address) || held.some(one => sameAddress(parseAddress(one.address), address))
    if (own || !held.some(one => one.cidr !== null && isIn(one.cidr, address))) return { own, macs: undefined }
    return { own, macs: address.version === 4 ? findInArpTable(address) : await findNeighbour6(exec, address) }
  },
})

const isLoopback = ({ version, value }: Address): boolean => (version === 4 ? value >> 24n === 127n : value === 1n)

function isIn(cidr: string, address: Address): boolean {
  const [base, prefix] = cidr.split('/')
  return contains(networkOf(parseAddress(base!), Number(prefix)), address)
}

/** ATF_COM of linux/if_arp.h: the entry has been answered, or was set by hand. */
const complete = 0x2

/** proc(5): address, hardware type, flags, hardware address, mask, device. */
function findInArpTable(address: Address): Mac[] {
  const text = formatAddress(address)
  const entries = readFileSync('/proc/net/arp', 'utf8')
    .split('\n')
    .map(line => line.split(/\s+/))
  return entries.flatMap(([ip, , flags, hardware]) =>
    ip === text && (Number(flags) & complete) !== 0 ? macsOf(hardware) : [],
  )
}

/** There is no file for IPv6 (RFC 4861 5.1 neighbour cache): ip-neighbour(8) asks the kernel. */
async function findNeighbour6(exec: Exec, address: Address): Promise<Mac[]> {
  const { stdout } = await exec.run(
    { argv: ['ip', '-6', '-json', 'neighbour', 'show', 'to', formatAddress(address)] },
    { timeoutMs: 5_000 },
  )
  const entries = JSON.parse(stdout.trim() || '[]') as { lladdr?: string; state?: string[] }[]
  return entries.flatMap(({ lladdr, state }) => (state?.includes('FAILED') ? [] : macsOf(lladdr)))
}

function macsOf(text: string | undefined): Mac[] {
  const mac = findMac(text ?? '')
  return mac ? [mac] : []
}
