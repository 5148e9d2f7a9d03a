import type { Mac } from '../domain/mac.ts'
import { mostMacsOfNode } from '../domain/port-recognition.ts'
import { chunksOf } from './chunks.ts'
import type { Tx } from './store.ts'

/** Rows that are read at once by those whose other work must not wait longer for this than a few milliseconds. */
const rowsInPart = 250

export interface PluggedNode {
  id: number
  mac: Mac | null
  /** Where it is configured. */
  switchId: number | null
}

/** Those with the next ids; none behind the last. */
export const listPluggedNodes = async (tx: Tx, afterId: number): Promise<PluggedNode[]> => {
  const query = tx.selectFrom('node').select(['id', 'mac', 'switchId']).where('id', '>', afterId)
  return (await query.orderBy('id').limit(rowsInPart).execute()) as PluggedNode[]
}

/** A MAC that a switch has learned at a port of few. */
export interface EdgeMac {
  mac: Mac
  /** How many that port has. */
  macs: number
}

/**
 * What this switch has learned since then, but at ports with more MACs than a machine has: those lead to other switches. They are counted as
 * they are stored, old ones as well: so the index alone answers, and of thousands of rows those of a few ports are read.
 */
export async function listEdgeMacs(tx: Tx, switchId: number, sinceMs: number): Promise<EdgeMac[]> {
  const ofSwitch = tx.selectFrom('learnedMac').where('switchId', '=', switchId)
  const count = ofSwitch.select(['port', eb => eb.fn.countAll().as('macs')]).groupBy('port')
  const edges = await count.having(eb => eb.fn.countAll(), '<=', mostMacsOfNode).execute()
  const macs = new Map(edges.map(edge => [edge.port, Number(edge.macs)]))
  const found: EdgeMac[] = []
  for (const ports of chunksOf([...macs.keys()])) {
    const rows = ofSwitch.select(['port', 'mac']).where('port', 'in', ports).where('seenAtMs', '>=', sinceMs)
    found.push(...(await rows.execute()).map(({ port, mac }) => ({ mac: mac as Mac, macs: macs.get(port)! })))
  }
  return found
}

export interface AddressOfNode {
  id: number
  nodeId: number
  /** 32 hexadecimal digits, as in domain/address.ts: thousands of these are not parsed every minute. */
  address: string
  /** Whether it is of the interface that the node's group has for the torrent. */
  forTorrent: boolean
}

/** Addresses of nodes, those with the next ids; none behind the last. */
export async function listAddressesOfNodes(tx: Tx, afterId: number): Promise<AddressOfNode[]> {
  const rows = await tx
    .selectFrom('address')
    .innerJoin('groupInterface', 'groupInterface.id', 'address.interfaceId')
    .innerJoin('nodeGroup', 'nodeGroup.id', 'groupInterface.groupId')
    .select(['address.id', 'address.nodeId', 'address.address', 'groupInterface.name', 'nodeGroup.torrentIf'])
    .$narrowType<{ nodeId: number }>()
    .where('address.id', '>', afterId)
    .orderBy('address.id')
    .limit(rowsInPart)
    .execute()
  return rows.map(({ name, torrentIf, ...row }) => ({ ...row, forTorrent: name === torrentIf }))
}
