import { type Caller, canHave, checkMachine, describeMachine } from '../domain/caller.ts'
import type { Hardware } from '../domain/hardware.ts'
import type { Mac } from '../domain/mac.ts'
import { bootMacOf } from '../domain/machine.ts'
import type { Node } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import { listLatestEvents } from '../store/boots.ts'
import { forgetMachinesWith } from '../store/machines.ts'
import { getNode, listNodes, updateNode } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { recogniseNode } from './recognition.ts'

export interface Assignment {
  node: Node
  /** Set when the machine's MAC was not the node's until now. */
  assigned: Mac | undefined
}

/**
 * The node that has one of the machine's MACs; where several have, the one that its firmware names first. Else the one that is configured at the
 * switch port where the machine is, with the MAC that it will have; nothing is stored.
 * @param nodesByMac holds the nodes that have one of its MACs
 * @throws notFound when there is no such node, forbidden when the caller's own MAC is another
 */
export async function getNodeOfMachine(
  tx: Tx,
  hardware: Hardware,
  caller: Caller,
  nodesByMac: ReadonlyMap<string, Node>,
  atMs: number,
): Promise<Assignment> {
  const { macs } = hardware
  const nodes = macs.flatMap(mac => nodesByMac.get(mac) ?? [])
  const [first] = nodes
  if (first) {
    const node = nodes.find(one => canHave(caller, [one.mac])) ?? first
    checkMachine(caller, node)
    return { node, assigned: undefined }
  }
  const recognised = await recogniseNode(tx, hardware, caller, atMs)
  if (recognised) return { node: { ...recognised.node, mac: recognised.mac }, assigned: recognised.mac }
  throw new LunaError(
    'notFound',
    `no node has a MAC of ${describeMachine(caller)}, which announces ${macs.join(', ') || 'none'}; run: luna node change -n NODE --mac MAC`,
  )
}

/**
 * The node that the person at the machine chose, with the MAC that it will have; nothing is stored.
 *
 * A MAC can be had by one node only. A node with another MAC gives it up only as long as no machine ever booted as that node:
 * whoever stands at some machine must not become a node that is installed or on its way. Its administrator frees it first
 * (`luna node change -n NODE --mac ''`).
 */
export async function chooseNode(tx: Tx, name: string, hardware: Hardware, caller: Caller): Promise<Assignment> {
  const { macs } = hardware
  const node = await getNode(tx, name)
  if (node.mac && macs.includes(node.mac)) {
    checkMachine(caller, node)
    return { node, assigned: undefined }
  }
  const mac = bootMacOf(hardware, caller)
  if (!mac)
    throw new LunaError('forbidden', `${describeMachine(caller)} announces ${macs.join(', ') || 'no MAC'}, not its own`)
  const [other] = await listNodes(tx, { macs })
  if (other)
    throw new LunaError(
      'conflict',
      `${other.mac} is node "${other.name}"; to make it ${name}, run first: luna node change -n ${other.name} --mac ''`,
    )
  if (node.mac && (await listLatestEvents(tx, [node.id])).size > 0)
    throw new LunaError(
      'conflict',
      `node "${name}" is the machine with ${node.mac}; to give it to ${mac}, run first: luna node change -n ${name} --mac ''`,
    )
  return { node: { ...node, mac }, assigned: mac }
}

export async function storeAssignment(tx: Tx, { node, assigned }: Assignment): Promise<void> {
  if (!assigned) return
  await updateNode(tx, node)
  await forgetMachinesWith(tx, [assigned])
}
