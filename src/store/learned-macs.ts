import type { Mac } from '../domain/mac.ts'
import type { PortMap } from '../domain/switch-port.ts'
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
