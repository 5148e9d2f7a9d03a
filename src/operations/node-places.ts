import { setImmediate as turn } from 'node:timers/promises'
import { forgetMs } from '../domain/forwarding.ts'
import type { Mac } from '../domain/mac.ts'
import type { Luna } from '../luna.ts'
import { listGroups } from '../store/groups.ts'
import { type EdgeMac, listAddressesOfNodes, listEdgeMacs, listPluggedNodes } from '../store/node-places.ts'
import type { Tx } from '../store/store.ts'
import { listSwitches } from '../store/switches.ts'
import type { PeerPlace } from '../torrent/peer.ts'

type Deps = Pick<Luna, 'store' | 'clock'>

/**
 * Where the nodes are in the network, by each of their addresses in 32 hexadecimal digits. None where no switch is known and no group has an
 * interface for the torrent. It is read in parts, each as of its own moment: hundreds of switches that have all seen thousands of MACs
 * would hold up who asks for seconds.
 */
export async function nodePlaces(deps: Deps): Promise<ReadonlyMap<string, PeerPlace>> {
  const switches = await switchesOfNodes(deps)
  const places = new Map<string, PeerPlace>()
  const isOfUse =
    switches.size > 0 || (await deps.store.read(listGroups)).some(({ torrentIf }) => torrentIf !== undefined)
  if (!isOfUse) return places
  for await (const { address, nodeId, forTorrent } of inParts(deps, listAddressesOfNodes))
    places.set(address, { nodeId, switchId: switches.get(nodeId), forTorrent })
  return places
}

/** Number of the switch that each node is plugged in, by the node's: where its MAC was learned, else where it is configured. */
async function switchesOfNodes(deps: Deps): Promise<Map<number, number>> {
  const learned = await learnedSwitches(deps)
  const switches = new Map<number, number>()
  for await (const { id, mac, switchId } of inParts(deps, listPluggedNodes)) {
    const at = (mac && learned.get(mac)?.switchId) ?? switchId
    if (at !== null) switches.set(id, at)
  }
  return switches
}

/** Of two ports that show a MAC that with fewer MACs counts. */
async function learnedSwitches({ store, clock }: Deps): Promise<Map<Mac, EdgeMac & { switchId: number }>> {
  const sinceMs = clock() - forgetMs
  const learned = new Map<Mac, EdgeMac & { switchId: number }>()
  for (const { id: switchId } of await store.read(listSwitches)) {
    for (const edge of await store.read(tx => listEdgeMacs(tx, switchId, sinceMs)))
      if (edge.macs < (learned.get(edge.mac)?.macs ?? Number.POSITIVE_INFINITY))
        learned.set(edge.mac, { ...edge, switchId })
    await turn()
  }
  return learned
}

async function* inParts<Row extends { id: number }>(
  { store }: Deps,
  read: (tx: Tx, afterId: number) => Promise<Row[]>,
): AsyncGenerator<Row> {
  for (let part = await store.read(tx => read(tx, 0)); part.length > 0; ) {
    yield* part
    await turn()
    const { id } = part.at(-1)!
    part = await store.read(tx => read(tx, id))
  }
}
