import { formatAddress } from '../domain/address.ts'
import type { Bmcsetup } from '../domain/bmcsetup.ts'
import type { Group } from '../domain/group.ts'
import type { Node } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { listBmcsetups } from '../store/bmcsetups.ts'
import { getGroup, listGroups } from '../store/groups.ts'
import { getNode, listNodes } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import type { Bmc } from '../tools/ipmitool.ts'

/** Nodes by their names, or all of some groups. */
export type PowerHosts = { names: readonly string[] } | { groups: readonly string[] }

/** A node, and its controller or why it cannot be asked. */
export type PowerTarget = { node: string } & ({ bmc: Bmc } | { problem: string })

/**
 * The controllers of the nodes: the address on that interface, user and password of the group's bmcsetup.
 * @throws LunaError notFound when a name is nobody's, or nobody is left
 */
export const findPowerTargets = (
  { store }: Pick<Luna, 'store'>,
  hosts: PowerHosts,
  interfaceName: string,
): Promise<PowerTarget[]> =>
  store.read(async tx => {
    const groups = new Map((await listGroups(tx)).map(group => [group.name, group]))
    const bmcsetups = new Map((await listBmcsetups(tx)).map(bmcsetup => [bmcsetup.name, bmcsetup]))
    return (await findNodes(tx, hosts)).map(node => {
      const group = groups.get(node.group)!
      return { node: node.name, ...controllerOf(node, group, bmcsetups.get(group.bmcsetup ?? ''), interfaceName) }
    })
  })

async function findNodes(tx: Tx, hosts: PowerHosts): Promise<Node[]> {
  if ('names' in hosts) return findNamed(tx, hosts.names)
  for (const name of hosts.groups) await getGroup(tx, name)
  const wanted = new Set(hosts.groups)
  const nodes = (await listNodes(tx)).filter(node => wanted.has(node.group))
  if (nodes.length > 0) return nodes
  throw new LunaError('notFound', `there is no node in ${[...wanted].map(name => `group "${name}"`).join(', ')}`)
}

async function findNamed(tx: Tx, names: readonly string[]): Promise<Node[]> {
  const nodes = await listNodes(tx, { names })
  const found = new Set(nodes.map(node => node.name))
  for (const name of names) if (!found.has(name)) await getNode(tx, name)
  return nodes
}

function controllerOf(
  node: Node,
  group: Group,
  bmcsetup: Bmcsetup | undefined,
  interfaceName: string,
): { bmc: Bmc } | { problem: string } {
  if (!bmcsetup)
    return { problem: `group "${group.name}" has no bmcsetup; run: luna group change ${group.name} -b NAME` }
  const held = node.addresses.find(one => one.interface === interfaceName)
  if (!held) return { problem: `no address on interface ${interfaceName}; see: luna group show ${group.name}` }
  const { user, password } = bmcsetup
  return { bmc: { address: formatAddress(held.address), user, password } }
}
