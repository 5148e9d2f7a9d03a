import { nameNodes } from '../domain/hostlist.ts'
import type { Node } from '../domain/node.ts'
import { canonicalPort, type PortMap } from '../domain/switch-port.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getPortMap } from '../store/learned-macs.ts'
import { getNodes, listNodesAtSwitch, setNodesPort } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { getSwitch, listSwitches } from '../store/switches.ts'

/** Where a node is to be plugged in; null erases, what is left out stays. */
export interface PortChange {
  switch?: string | null
  port?: string | null
}

/** A node with the port that it is to be plugged in. */
type Claim = Pick<Node, 'id' | 'name'> & { port: string }

/** Sets where the nodes are plugged in; two nodes cannot be at one port, however it is spelled. */
export async function changePorts(tx: Tx, nodes: readonly Node[], change: PortChange): Promise<void> {
  if (change.switch === undefined && change.port === undefined) return
  if (typeof change.switch === 'string') await getSwitch(tx, change.switch)
  const ids = new Map((await listSwitches(tx)).map(({ name, id }) => [name, id]))
  const moved = nodes.map(node => ({ ...node, ...given(change) }))
  for (const [name, at] of Map.groupBy(moved, node => node.switch ?? undefined))
    if (name !== undefined)
      await checkPortsFree(
        tx,
        { id: ids.get(name)!, name },
        at.flatMap(({ id, name, port }) => (port ? [{ id, name, port }] : [])),
      )
  const { switch: name, port } = change
  await setNodesPort(
    tx,
    nodes.map(({ id }) => id),
    { switchId: typeof name === 'string' ? ids.get(name) : name, port },
  )
}

const given = (change: PortChange): PortChange =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))

async function checkPortsFree(tx: Tx, at: { id: number; name: string }, claims: readonly Claim[]): Promise<void> {
  if (claims.length === 0) return
  const map = await getPortMap(tx, at.id)
  const claiming = new Set(claims.map(({ id }) => id))
  const others = (await listNodesAtSwitch(tx, at.id)).filter(({ id }) => !claiming.has(id))
  const taken = new Map(others.map(({ name, port }) => [canonicalPort(map, port), { name, port }]))
  for (const { name, port } of claims) {
    const owner = taken.get(canonicalPort(map, port))
    if (owner) throw portTaken(at.name, port, owner)
    taken.set(canonicalPort(map, port), { name, port })
  }
}

function portTaken(switchName: string, port: string, owner: { name: string; port: string }): LunaError {
  const spelling = owner.port === port ? '' : ` (as ${owner.port})`
  return new LunaError(
    'conflict',
    `port ${port} of switch "${switchName}" is node "${owner.name}"'s${spelling}; to free it: luna node change ${owner.name} -p ''`,
  )
}

/** What an administrator should look at: nodes at ports that their switch, which has told its ports, does not have. */
export const adviseOnPorts = ({ store }: Pick<Luna, 'store'>, names: readonly string[]): Promise<string[]> =>
  store.read(async tx => {
    const plugged = (await getNodes(tx, names)).filter(node => node.switch !== undefined && node.port !== undefined)
    const advice: string[] = []
    for (const [name, nodes] of Map.groupBy(plugged, node => node.switch!)) {
      const map = await getPortMap(tx, (await getSwitch(tx, name)).id)
      const lost = nodes.filter(node => !hasPort(map, node.port!))
      if (map.size > 0 && lost.length > 0)
        advice.push(
          `switch "${name}" has no such port as ${nameNodes(lost.map(node => node.name))} is to be at: ${lost[0]!.port}; it has ${describePorts(map)}`,
        )
    }
    return advice
  })

const hasPort = (map: PortMap, port: string): boolean => map.has(canonicalPort(map, port))

/** `1 (Gi1/0/1) to 52 (Te1/1/4)` */
function describePorts(map: PortMap): string {
  const ports = [...map].map(([port, name]) => (name === '' || name === port ? port : `${port} (${name})`))
  return ports.length === 1 ? ports[0]! : `${ports[0]} to ${ports.at(-1)}`
}
