import { type Address, formatAddress, sameAddress } from '../domain/address.ts'
import { freeAddresses, inRanges } from '../domain/allocation.ts'
import { formatCidr, isHostOf } from '../domain/cidr.ts'
import { bmcInterface, type Group, type GroupInterface, versions } from '../domain/group.ts'
import { checkHostAddress, type KeptRange, type Network } from '../domain/network.ts'
import type { Node } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import { deleteAddresses, findAddressOwner, insertAddress, insertAddresses } from '../store/addresses.ts'
import { getNetwork, listKept, takenRanges } from '../store/networks.ts'
import type { Tx } from '../store/store.ts'

/** A node as far as giving it addresses goes. */
type Owner = Pick<Node, 'id' | 'name'>

/** Gives each node the next free address on that interface in that network; all of them or none. */
export async function giveAddresses(
  tx: Tx,
  owners: readonly Owner[],
  one: GroupInterface,
  network: Network,
): Promise<void> {
  const free = await findFree(tx, network, owners.length)
  await insertAddresses(
    tx,
    owners.map((owner, index) => ({
      nodeId: owner.id,
      interfaceId: one.id,
      networkId: network.id,
      address: free[index]!,
    })),
  )
}

/**
 * Gives nodes that leave a network on that interface addresses in another: the one that they had, where the networks overlap and it is
 * free there, else the next free one. What they had must have been freed.
 */
export async function carryAddresses(
  tx: Tx,
  nodes: readonly Node[],
  one: GroupInterface,
  left: string | undefined,
  network: Network,
): Promise<void> {
  const kept = nodes.flatMap(({ id, addresses }) => {
    const held = addresses.find(({ interface: name, network: from }) => name === one.name && from === left)
    return held && isHostOf(network.cidr, held.address) ? [{ nodeId: id, address: held.address }] : []
  })
  const taken = kept.length === 0 ? [] : await takenRanges(tx, network)
  const free = kept.filter(({ address }) => !inRanges(address.value, taken))
  await insertAddresses(
    tx,
    free.map(held => ({ ...held, interfaceId: one.id, networkId: network.id })),
  )
  const done = new Set(free.map(({ nodeId }) => nodeId))
  await giveAddresses(
    tx,
    nodes.filter(({ id }) => !done.has(id)),
    one,
    network,
  )
}

/** The lowest so many addresses of the network that nobody has and that are kept from nobody. */
export async function findFree(tx: Tx, network: Network, count: number): Promise<Address[]> {
  const { name, cidr } = network
  const free = freeAddresses(cidr, await takenRanges(tx, network), count)
  if (free.length === count) return free.map(value => ({ version: cidr.version, value }))
  throw new LunaError(
    'conflict',
    `network "${name}" (${formatCidr(cidr)}) is too full: addresses needed ${count}, free ${free.length}; nothing was changed`,
  )
}

/** Gives new nodes of the group an address on every interface that has a network. */
export async function giveAllAddresses(tx: Tx, owners: readonly Owner[], group: Group): Promise<void> {
  for (const one of group.interfaces)
    for (const version of versions) {
      const name = one.networks[version]
      if (name !== undefined) await giveAddresses(tx, owners, one, await getNetwork(tx, name))
    }
}

/** Sets the node's address on an interface, in place of the one it has there in the same IP version. */
export async function setAddress(tx: Tx, node: Node, one: GroupInterface, address: Address): Promise<void> {
  if (one.name === bmcInterface && address.version === 6)
    throw new LunaError('invalid', 'the BMC interface takes an IPv4 address only')
  const networkName = one.networks[address.version]
  if (networkName === undefined)
    throw new LunaError(
      'invalid',
      `interface ${one.name} of group "${node.group}" has no IPv${address.version} network; run: luna group change ${node.group} -i ${one.name} --setnet NETWORK`,
    )
  const network = await getNetwork(tx, networkName)
  checkHostAddress(network, address)
  const present = node.addresses.find(held => held.interface === one.name && held.network === networkName)
  if (present && sameAddress(present.address, address)) return
  await checkFree(tx, network, address)
  await deleteAddresses(tx, { nodeId: node.id, interfaceId: one.id, networkId: network.id })
  await insertAddress(tx, { nodeId: node.id, interfaceId: one.id, networkId: network.id, address })
}

/** Refuses an address that somebody has, or that is kept from everybody. */
export async function checkFree(tx: Tx, network: Network, address: Address): Promise<void> {
  const text = formatAddress(address)
  const owner = await findAddressOwner(tx, address)
  if (owner) throw new LunaError('conflict', `${text} is the address of ${owner}`)
  const use = await findUse(tx, network, address)
  if (use) throw new LunaError('conflict', `${text} is not free (${use}); see: luna network show ${network.name} -r`)
}

/** What the address is kept for, if it is. */
export async function findUse(tx: Tx, network: Network, { value }: Address): Promise<KeptRange['use'] | undefined> {
  return (await listKept(tx, network)).find(({ first, last }) => value >= first.value && value <= last.value)?.use
}
