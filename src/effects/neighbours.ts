import { networkInterfaces } from 'node:os'
import { type Address, formatAddress, parseAddress, sameAddress } from '../domain/address.ts'
import { type Cidr, contains, networkOf } from '../domain/cidr.ts'
import type { Mac } from '../domain/mac.ts'
import type { Exec } from './exec.ts'
import { NeighbourTable } from './neighbour-table.ts'

/** What the head's kernel knows of the machines around it. */
export interface Neighbours {
  /**
   * @returns whether the address is the head's own, and the MACs that the neighbour table has for it, undefined when it is in
   * none of the networks the head has an interface in
   */
  find(address: Address): Promise<{ own: boolean; macs: Mac[] | undefined }>
}

export function createNeighbours(exec: Exec): Neighbours & { close(): void } {
  const table = new NeighbourTable(exec)
  const listHeld = forAWhile(heldAddresses)
  return {
    async find(address) {
      const held = listHeld()
      const own = isLoopback(address) || held.some(one => sameAddress(one.address, address))
      const near = new Set(held.filter(one => contains(one.cidr, address)).map(one => one.device))
      if (own || near.size === 0) return { own, macs: undefined }
      const text = formatAddress(address)
      const macs = await Promise.all([...near].map(device => table.find(text, device)))
      return { own, macs: macs.flat() }
    },
    close: () => table.close(),
  }
}

const isLoopback = ({ version, value }: Address): boolean => (version === 4 ? value >> 24n === 127n : value === 1n)

interface Held {
  device: string
  address: Address
  cidr: Cidr
}

/** The addresses of the head, where the kernel says how long their prefix is. */
const heldAddresses = (): Held[] =>
  Object.entries(networkInterfaces()).flatMap(([name, list = []]) =>
    list.flatMap(({ address: text, cidr }) => {
      if (cidr === null) return []
      const address = parseAddress(text)
      // eth0:1 is a label of an address of eth0
      return [{ device: name.replace(/:.*/, ''), address, cidr: networkOf(address, Number(cidr.split('/')[1])) }]
    }),
  )

/** They change when somebody changes them; to ask the kernel for them takes a third of the time that a discovery has (bench/discovery.ts). */
const keptMs = 1000

function forAWhile<T>(read: () => T): () => T {
  let kept: { value: T; untilMs: number } | undefined
  return () => {
    const nowMs = performance.now()
    if (!kept || nowMs >= kept.untilMs) kept = { value: read(), untilMs: nowMs + keptMs }
    return kept.value
  }
}
