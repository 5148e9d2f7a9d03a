import { type Address, formatAddress } from '../domain/address.ts'
import type { Bmcsetup } from '../domain/bmcsetup.ts'
import { contains } from '../domain/cidr.ts'
import { type Cluster, getFrontendAddress } from '../domain/cluster.ts'
import { frontendUrl } from '../domain/frontend-url.ts'
import { bmcInterface, bootInterfaceOf, type Group } from '../domain/group.ts'
import type { Network } from '../domain/network.ts'
import type { Node, NodeAddress } from '../domain/node.ts'
import type { Osimage, Pack } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import { bootScriptView } from '../render/boot-script.ts'
import { getBmcsetup } from '../store/bmcsetups.ts'
import { getCluster } from '../store/clusters.ts'
import { getGroup } from '../store/groups.ts'
import { listNetworks } from '../store/networks.ts'
import { getOsimage } from '../store/osimages.ts'
import { findPack } from '../store/packs.ts'
import type { Tx } from '../store/store.ts'

/** All that a node's boot and install script are made of, from one state of the store. */
export interface BootFacts {
  cluster: Cluster
  node: Node
  group: Group
  osimage: Osimage
  pack: Pack
  bmcsetup: Bmcsetup | undefined
  networks: readonly Network[]
}

/**
 * Reads the facts of one node after another from one state of the store; what several of them have in common is read once.
 * The function takes the generation that the boot began with; without it, it is the node's own, else that of its group, else the current one.
 */
export function bootFactsReader(tx: Tx): (node: Node, packId?: number) => Promise<BootFacts> {
  const shared = new Map<string, Promise<SharedFacts>>()
  return async (node, begunWith) => {
    const packId = begunWith ?? node.generation
    const key = `${node.group} ${packId ?? ''}`
    const facts = shared.get(key) ?? readSharedFacts(tx, node.group, packId)
    shared.set(key, facts)
    return { node, ...(await facts) }
  }
}

export const readBootFacts = (tx: Tx, node: Node, packId?: number): Promise<BootFacts> =>
  bootFactsReader(tx)(node, packId)

type SharedFacts = Omit<BootFacts, 'node'>

async function readSharedFacts(tx: Tx, groupName: string, packId: number | undefined): Promise<SharedFacts> {
  const cluster = await getCluster(tx)
  getFrontendAddress(cluster) // nothing can be made without it
  const group = await getGroup(tx, groupName)
  const osimage = await getOsimage(tx, group.osimage)
  const wanted = packId ?? group.generation ?? osimage.packId
  const pack = wanted === undefined ? undefined : await findPack(tx, wanted)
  if (!pack)
    throw new LunaError('notReady', `osimage "${osimage.name}" is not packed; run: luna osimage pack ${osimage.name}`)
  const bmcsetup = group.bmcsetup === undefined ? undefined : await getBmcsetup(tx, group.bmcsetup)
  return { cluster, group, osimage, pack, bmcsetup, networks: await listNetworks(tx) }
}

export const hostnameOf = ({ node, group }: Pick<BootFacts, 'node' | 'group'>): string =>
  group.domain === undefined ? node.name : `${node.name}.${group.domain}`

export function networkOfAddress({ networks }: Pick<BootFacts, 'networks'>, held: NodeAddress): Network {
  return networks.find(network => network.name === held.network)!
}

/** Variables of templates/node.ipxe and node.syslinux. */
export const bootView = (facts: BootFacts, token: string) =>
  bootScriptView({
    node: facts.node.name,
    hostname: hostnameOf(facts),
    osimage: facts.osimage.name,
    generation: facts.pack.id,
    frontend: frontendUrl(facts.cluster),
    kernelFile: facts.pack.kernelFile,
    initrdFile: facts.pack.initrdFile,
    mac: facts.node.mac ?? '',
    address: bootAddress(facts),
    service: facts.node.service,
    token,
    kernopts: facts.osimage.kernopts,
  })

/**
 * The node's address where the head is, the boot interface's first: what the initrd sets on the NIC it booted from. A node without one asks
 * DHCP, which may know a router too.
 */
function bootAddress(facts: BootFacts): string | undefined {
  const head = facts.cluster.frontendAddress
  const near = facts.node.addresses.filter(
    held => held.interface !== bmcInterface && head && contains(networkOfAddress(facts, held).cidr, head),
  )
  const held = near.find(one => one.interface === bootInterfaceOf(facts.group)) ?? near[0]
  return held && withPrefix(held.address, networkOfAddress(facts, held))
}

const withPrefix = (address: Address, { cidr }: Network): string => `${formatAddress(address)}/${cidr.prefix}`
