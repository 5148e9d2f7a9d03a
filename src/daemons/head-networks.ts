import { networkInterfaces } from 'node:os'
import { parseAddress } from '../domain/address.ts'
import { type Cidr, contains, networkOf } from '../domain/cidr.ts'

/** A network that this head is in, with its address there. */
export interface HeadNetwork {
  address: string
  cidr: Cidr
}

/** Those of this machine's interfaces, loopback apart. */
export const findHeadNetworks = (): HeadNetwork[] =>
  Object.values(networkInterfaces())
    .flatMap(held => held ?? [])
    .filter(({ internal, cidr, scopeid }) => !internal && cidr !== null && !scopeid)
    .map(({ address, cidr }) => toHeadNetwork(address, Number(cidr!.split('/')[1])))

const toHeadNetwork = (address: string, prefix: number): HeadNetwork => ({
  address,
  cidr: networkOf(parseAddress(address), prefix),
})

/**
 * The head's own address in the network of a machine at that address; undefined where that is the frontend's network, too, whose address
 * moves between two heads.
 */
export function findHeadAddressNear(
  machine: string,
  frontend: readonly string[],
  networks: readonly HeadNetwork[],
): string | undefined {
  const isIn = ({ cidr }: HeadNetwork, text: string) => contains(cidr, parseAddress(text))
  const common = networks.filter(network => isIn(network, machine))
  return common.some(network => frontend.some(text => isIn(network, text))) ? undefined : common[0]?.address
}
