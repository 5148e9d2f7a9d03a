import { type Caller, canHave, describeMachine } from '../domain/caller.ts'
import { forgetMs } from '../domain/forwarding.ts'
import type { Hardware } from '../domain/hardware.ts'
import { nameNodes } from '../domain/hostlist.ts'
import type { Mac } from '../domain/mac.ts'
import { bootMacOf } from '../domain/machine.ts'
import type { Node } from '../domain/node.ts'
import { findOwners, type PortOwner, type Sight } from '../domain/port-recognition.ts'
import { canonicalPort } from '../domain/switch-port.ts'
import { LunaError } from '../errors.ts'
import { countKey, countMacs, getPortMap, listLearnedMacs } from '../store/learned-macs.ts'
import { getNode, listNodesAtSwitch } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'

/**
 * The node that is configured at the port where the machine is plugged in, with the MAC that it will have; nothing is stored. None of the machine's
 * MACs may be a node's. Of what it announces only that counts which the head sees it have: who announces a neighbour's MAC is
 * not to become the neighbour's node.
 * @returns undefined when no node is configured there
 * @throws notFound when several are, or that node is another machine already: its administrator says which, or frees it first
 */
export async function recogniseNode(
  tx: Tx,
  hardware: Hardware,
  caller: Caller,
  atMs: number,
): Promise<{ node: Node; mac: Mac } | undefined> {
  const own = hardware.macs.filter(mac => canHave(caller, [mac]))
  const mac = bootMacOf(hardware, caller)
  if (!mac) return undefined
  const sights = await listSights(tx, own, atMs - forgetMs)
  const switchIds = new Set(sights.map(({ switchId }) => switchId))
  const [owner, ...more] = findOwners(sights, await listOwners(tx, switchIds))
  if (!owner) return undefined
  if (more.length > 0)
    throw new LunaError(
      'notFound',
      `${describeMachine(caller)} is at the ports of ${nameNodes([owner, ...more].map(({ name }) => name))}; to say which it is, run: luna node change -n NODE --mac ${mac}`,
    )
  const node = await getNode(tx, owner.name)
  if (node.mac)
    throw new LunaError(
      'notFound',
      `${describeMachine(caller)} is at the port of node "${node.name}", which is the machine with ${node.mac}; to give it to this one, run: luna node change -n ${node.name} --mac ''`,
    )
  return { node, mac }
}

async function listSights(tx: Tx, macs: readonly Mac[], sinceMs: number): Promise<Sight[]> {
  const learned = await listLearnedMacs(tx, { sinceMs, macs })
  if (learned.length === 0) return []
  const switchIds = new Set(learned.map(({ switchId }) => switchId))
  const counts = await countMacs(tx, [...switchIds], sinceMs)
  return learned.map(one => ({ ...one, macsThere: counts.get(countKey(one))! }))
}

async function listOwners(tx: Tx, switchIds: ReadonlySet<number>): Promise<(PortOwner & { name: string })[]> {
  const owners: (PortOwner & { name: string })[] = []
  for (const switchId of switchIds) {
    const map = await getPortMap(tx, switchId)
    const nodes = await listNodesAtSwitch(tx, switchId)
    owners.push(...nodes.map(({ id, name, port }) => ({ id, name, switchId, port: canonicalPort(map, port) })))
  }
  return owners
}
