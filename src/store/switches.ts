import { fromHex } from '../domain/address.ts'
import type { AuthProtocol, PrivProtocol, SnmpLevel } from '../domain/snmp.ts'
import type { Switch } from '../domain/switch.ts'
import { LunaError } from '../errors.ts'
import type { Tx } from './store.ts'

/** All switches, or those of the names given, in the order of their names. */
export async function listSwitches(tx: Tx, names?: readonly string[]): Promise<Switch[]> {
  const rows = await tx
    .selectFrom('switch')
    .innerJoin('address', 'address.switchId', 'switch.id')
    .innerJoin('network', 'network.id', 'address.networkId')
    .selectAll('switch')
    .select(['address.address', 'network.name as network'])
    .orderBy('switch.name')
    .execute()
  const only = names && new Set(names)
  return rows
    .filter(({ name }) => only?.has(name) ?? true)
    .map(({ readCommunity, rwCommunity, address, polledAtMs, ...row }) => ({
      ...row,
      read: readCommunity,
      rw: rwCommunity,
      address: fromHex(address),
      snmpLevel: row.snmpLevel as SnmpLevel,
      authProtocol: row.authProtocol as AuthProtocol,
      privProtocol: row.privProtocol as PrivProtocol,
      polledAtMs: polledAtMs === null ? undefined : Number(polledAtMs),
    }))
}

/** All of them, in the order of the names given. */
export async function getSwitches(tx: Tx, names: readonly string[]): Promise<Switch[]> {
  const found = new Map((await listSwitches(tx, names)).map(one => [one.name, one]))
  const missing = names.find(name => !found.has(name))
  if (missing !== undefined) throw new LunaError('notFound', `there is no switch "${missing}"; see: luna switch list`)
  return names.map(name => found.get(name)!)
}

export async function getSwitch(tx: Tx, name: string): Promise<Switch> {
  return (await getSwitches(tx, [name]))[0]!
}

/** What a switch itself holds; its address has functions of its own (addresses.ts). */
export type SwitchSettings = Omit<Switch, 'id' | 'network' | 'address' | 'polledAtMs' | 'trouble'>

const toRow = ({ name, read, rw, oid, comment, ...rest }: SwitchSettings) => ({
  name,
  readCommunity: read,
  rwCommunity: rw,
  oid,
  comment,
  snmpUser: rest.snmpUser,
  snmpLevel: rest.snmpLevel,
  authProtocol: rest.authProtocol,
  authPassword: rest.authPassword,
  privProtocol: rest.privProtocol,
  privPassword: rest.privPassword,
})

export async function insertSwitch(tx: Tx, settings: SwitchSettings): Promise<number> {
  const values = { ...toRow(settings), polledAtMs: null }
  return (await tx.insertInto('switch').values(values).returning('id').executeTakeFirstOrThrow()).id
}

export async function updateSwitch(tx: Tx, id: number, settings: SwitchSettings): Promise<void> {
  await tx.updateTable('switch').set(toRow(settings)).where('id', '=', id).execute()
}

/** What came of asking a switch. */
export async function setPolled(
  tx: Tx,
  id: number,
  polled: { polledAtMs: number | undefined; trouble: string },
): Promise<void> {
  const values = { ...polled, polledAtMs: polled.polledAtMs ?? null }
  await tx.updateTable('switch').set(values).where('id', '=', id).execute()
}

export async function deleteSwitch(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('switch').where('id', '=', id).execute()
}

/** Names of the nodes that are configured at a port of the switch, in their order. */
export async function listNodesOfSwitch(tx: Tx, id: number): Promise<string[]> {
  const rows = await tx.selectFrom('node').select('name').where('switchId', '=', id).orderBy('name').execute()
  return rows.map(row => row.name)
}
