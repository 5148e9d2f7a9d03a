import type { Node } from '../domain/node.ts'
import { canonicalPort } from '../domain/switch-port.ts'
import { LunaError } from '../errors.ts'
import { getPortMap } from '../store/learned-macs.ts'
import { listNodesAtSwitch, setNodePort } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { getSwitch } from '../store/switches.ts'

/** Where a node is to be plugged in; null erases, what is left out stays. */
export interface PortChange {
  switch?: string | null
  port?: string | null
}

/** Sets where the nodes are plugged in; two nodes cannot be at one port, however it is spelled. */
export async function changePorts(tx: Tx, nodes: readonly Node[], change: PortChange): Promise<void> {
  if (change.switch === undefined && change.port === undefined) return
  for (const node of nodes) {
    const name = change.switch === undefined ? node.switch : (change.switch ?? undefined)
    const port = change.port === undefined ? node.port : (change.port ?? undefined)
    const switchId = name === undefined ? undefined : (await getSwitch(tx, name)).id
    if (switchId !== undefined && port !== undefined) await checkPortFree(tx, node, { id: switchId, name: name! }, port)
    await setNodePort(tx, node.id, switchId, port)
  }
}

async function checkPortFree(tx: Tx, node: Node, at: { id: number; name: string }, port: string): Promise<void> {
  const map = await getPortMap(tx, at.id)
  const wanted = canonicalPort(map, port)
  const others = await listNodesAtSwitch(tx, at.id)
  const owner = others.find(other => other.id !== node.id && canonicalPort(map, other.port) === wanted)
  if (!owner) return
  const spelling = owner.port === port ? '' : ` (as ${owner.port})`
  throw new LunaError(
    'conflict',
    `port ${port} of switch "${at.name}" is node "${owner.name}"'s${spelling}; to free it: luna node change ${owner.name} -p ''`,
  )
}
