import { mostMacsOfNode } from '../domain/port-recognition.ts'
import type { Tx } from './store.ts'

/** Number of the switch that each node is plugged in, by the node's: where its MAC was learned since then, else where it is configured. */
export async function listSwitchesOfNodes(tx: Tx, sinceMs: number): Promise<Map<number, number>> {
  const configured = await tx
    .selectFrom('node')
    .select(['id as nodeId', 'switchId'])
    .where('switchId', 'is not', null)
    .$narrowType<{ switchId: number }>()
    .execute()
  const learned = await tx
    .selectFrom('node')
    .innerJoin('learnedMac', 'learnedMac.mac', 'node.mac')
    .innerJoin(
      // ports with more lead to other switches
      tx
        .selectFrom('learnedMac')
        .select(['switchId', 'port', eb => eb.fn.countAll().as('macs')])
        .where('seenAtMs', '>=', sinceMs)
        .groupBy(['switchId', 'port'])
        .having(eb => eb.fn.countAll(), '<=', mostMacsOfNode)
        .as('edge'),
      join => join.onRef('edge.switchId', '=', 'learnedMac.switchId').onRef('edge.port', '=', 'learnedMac.port'),
    )
    .select(['node.id as nodeId', 'learnedMac.switchId'])
    .where('learnedMac.seenAtMs', '>=', sinceMs)
    .orderBy('edge.macs', 'desc') // of two ports that show it the one with fewer MACs comes last, and stays
    .execute()
  return new Map([...configured, ...learned].map(({ nodeId, switchId }) => [nodeId, switchId]))
}

export interface AddressOfNode {
  nodeId: number
  /** 32 hexadecimal digits, as in domain/address.ts: thousands of these are not parsed every minute. */
  address: string
  /** Whether it is of the interface that the node's group has for the torrent. */
  forTorrent: boolean
}

/** Every address of every node. */
export async function listAddressesOfNodes(tx: Tx): Promise<AddressOfNode[]> {
  const rows = await tx
    .selectFrom('address')
    .innerJoin('groupInterface', 'groupInterface.id', 'address.interfaceId')
    .innerJoin('nodeGroup', 'nodeGroup.id', 'groupInterface.groupId')
    .select(['address.nodeId', 'address.address', 'groupInterface.name', 'nodeGroup.torrentIf'])
    .$narrowType<{ nodeId: number }>()
    .execute()
  return rows.map(({ name, torrentIf, ...row }) => ({ ...row, forTorrent: name === torrentIf }))
}
