import type { LearnedAt } from '../domain/bridge-mib.ts'
import type { ForwardingChange, StoredMac } from '../domain/forwarding.ts'
import type { Mac } from '../domain/mac.ts'
import type { PortMap } from '../domain/switch-port.ts'
import { chunksOf } from './chunks.ts'
import type { Tx } from './store.ts'

/** A MAC behind a port of a switch. */
export interface LearnedMac {
  switchId: number
  /** Name of the switch. */
  switch: string
  /** The port's number. */
  port: string
  mac: Mac
  /** When the switch was last seen to know it, to the minute. */
  seenAtMs: number
}

/** What switches have learned since then: all, or these MACs. */
export async function listLearnedMacs(
  tx: Tx,
  { sinceMs, macs }: { sinceMs: number; macs?: readonly Mac[] },
): Promise<LearnedMac[]> {
  let query = tx
    .selectFrom('learnedMac')
    .innerJoin('switch', 'switch.id', 'learnedMac.switchId')
    .select(['learnedMac.switchId', 'switch.name as switch', 'port', 'mac', 'seenAtMs'])
    .where('seenAtMs', '>=', sinceMs)
    .orderBy('learnedMac.id')
  if (macs) query = query.where('mac', 'in', macs)
  const rows = await query.execute()
  return rows.map(row => ({ ...row, mac: row.mac as Mac, seenAtMs: Number(row.seenAtMs) }))
}

/** The port maps of all switches, by the switch's id. */
export async function listPortMaps(tx: Tx): Promise<Map<number, PortMap>> {
  const rows = await tx.selectFrom('switchPort').select(['switchId', 'port', 'name']).orderBy('id').execute()
  const maps = new Map<number, Map<string, string>>()
  for (const { switchId, port, name } of rows) {
    const map = maps.get(switchId) ?? new Map<string, string>()
    maps.set(switchId, map.set(port, name))
  }
  return maps
}

/** The port map of one switch; empty before its first poll. */
export async function getPortMap(tx: Tx, switchId: number): Promise<PortMap> {
  const query = tx.selectFrom('switchPort').select(['port', 'name']).where('switchId', '=', switchId).orderBy('id')
  return new Map((await query.execute()).map(({ port, name }) => [port, name]))
}

/** All that is stored of one switch. */
export async function listStoredMacs(tx: Tx, switchId: number): Promise<StoredMac[]> {
  const query = tx.selectFrom('learnedMac').select(['id', 'port', 'mac', 'seenAtMs']).where('switchId', '=', switchId)
  const rows = await query.orderBy('id').execute()
  return rows.map(row => ({ ...row, mac: row.mac as Mac, seenAtMs: Number(row.seenAtMs) }))
}

export async function changeStoredMacs(
  tx: Tx,
  switchId: number,
  { learn, refresh, forget }: ForwardingChange,
  seenAtMs: number,
): Promise<void> {
  for (const ids of chunksOf(forget)) await tx.deleteFrom('learnedMac').where('id', 'in', ids).execute()
  for (const ids of chunksOf(refresh))
    await tx.updateTable('learnedMac').set({ seenAtMs }).where('id', 'in', ids).execute()
  const toRow = ({ port, mac }: LearnedAt) => ({ switchId, port, mac, seenAtMs })
  for (const some of chunksOf(learn)) await tx.insertInto('learnedMac').values(some.map(toRow)).execute()
}

/** Forgets all that a switch has learned, and its ports. */
export async function forgetForwarding(tx: Tx, switchId: number): Promise<void> {
  await tx.deleteFrom('learnedMac').where('switchId', '=', switchId).execute()
  await putPortMap(tx, switchId, new Map())
}

export async function putPortMap(tx: Tx, switchId: number, ports: PortMap): Promise<void> {
  await tx.deleteFrom('switchPort').where('switchId', '=', switchId).execute()
  const rows = [...ports].map(([port, name]) => ({ switchId, port, name }))
  for (const some of chunksOf(rows)) await tx.insertInto('switchPort').values(some).execute()
}

/** How many MACs each of these switches has learned at each port since then: by switch and port, as in `countKey`. */
export async function countMacs(tx: Tx, switchIds: readonly number[], sinceMs: number): Promise<Map<string, number>> {
  const rows = await tx
    .selectFrom('learnedMac')
    .select(['switchId', 'port', eb => eb.fn.countAll().as('count')])
    .where('switchId', 'in', switchIds)
    .where('seenAtMs', '>=', sinceMs)
    .groupBy(['switchId', 'port'])
    .execute()
  return new Map(rows.map(row => [countKey(row), Number(row.count)]))
}

export const countKey = ({ switchId, port }: { switchId: number; port: string }): string => `${switchId} ${port}`
