import { fromHex, toHex } from '../domain/address.ts'
import type { Mac } from '../domain/mac.ts'
import { type Machine, type Sighting, silenceMs } from '../domain/machine.ts'
import type { Row } from './schema.ts'
import type { Tx } from './store.ts'

/** Unknown machines in the order in which they arrived; not those that have become nodes. */
export async function listMachines(tx: Tx): Promise<Machine[]> {
  const rows = await tx
    .selectFrom('machine')
    .selectAll()
    .where('id', 'not in', machinesOfNodes(tx))
    .orderBy('arrivedAtMs')
    .orderBy('id')
    .execute()
  const macs = await listMacs(tx)
  return rows.map(row => toMachine(row, macs.get(row.id) ?? []))
}

/** A machine is a node's as soon as the node has one of its MACs, however it came by it. */
const machinesOfNodes = (tx: Tx) =>
  tx.selectFrom('machineMac').innerJoin('node', 'node.mac', 'machineMac.mac').select('machineMac.machineId')

async function listMacs(tx: Tx): Promise<Map<number, Mac[]>> {
  const rows = await tx.selectFrom('machineMac').select(['machineId', 'mac']).orderBy('position').execute()
  const byMachine = Map.groupBy(rows, row => row.machineId)
  return new Map([...byMachine].map(([id, own]) => [id, own.map(row => row.mac as Mac)]))
}

const toMachine = (row: Row<'machine'>, macs: Mac[]): Machine => ({
  ...row,
  address: fromHex(row.address),
  macs: macs as [Mac, ...Mac[]],
  firstSeenAtMs: Number(row.firstSeenAtMs),
  arrivedAtMs: Number(row.arrivedAtMs),
  lastSeenAtMs: Number(row.lastSeenAtMs),
  asked: Number(row.asked),
})

/** MACs among these that nodes have. */
export async function listMacsOfNodes(tx: Tx, macs: readonly Mac[]): Promise<Set<Mac>> {
  const rows = await tx.selectFrom('node').select('mac').where('mac', 'in', macs).execute()
  return new Set(rows.map(row => row.mac as Mac))
}

export interface SeenMachine {
  sighting: Sighting
  atMs: number
  /** How often it asked since it was last stored. */
  asked: number
}

/** Stores what a machine shows of itself. @returns whether it is new */
export async function putMachine(tx: Tx, seen: SeenMachine): Promise<boolean> {
  const { macs, address, ...identity } = seen.sighting
  const now = { ...identity, address: toHex(address), lastSeenAtMs: seen.atMs }
  const known = await findMachine(tx, macs)
  if (!known) {
    const values = { ...now, firstSeenAtMs: seen.atMs, arrivedAtMs: seen.atMs, asked: seen.asked }
    const { id } = await tx.insertInto('machine').values(values).returning('id').executeTakeFirstOrThrow()
    await setMacs(tx, id, macs)
    return true
  }
  const silent = seen.atMs - Number(known.lastSeenAtMs) >= silenceMs
  const asked = Number(known.asked) + seen.asked
  const change = { ...now, asked, ...(silent && { arrivedAtMs: seen.atMs }) }
  await tx.updateTable('machine').set(change).where('id', '=', known.id).execute()
  await setMacs(tx, known.id, macs)
  return false
}

/**
 * The machine that has the MAC this one boots from, when it announces the MAC that that one booted from too: several NICs, another of them
 * this time. Who only says that it has another machine's NIC does not become that machine.
 */
async function findMachine(tx: Tx, macs: readonly Mac[]) {
  const found = await tx
    .selectFrom('machineMac as asked')
    .innerJoin('machineMac as first', 'first.machineId', 'asked.machineId')
    .innerJoin('machine', 'machine.id', 'asked.machineId')
    .select(['machine.id', 'machine.lastSeenAtMs', 'machine.asked', 'first.mac'])
    .where('asked.mac', '=', macs[0]!)
    .where('first.position', '=', 0)
    .executeTakeFirst()
  return found && macs.includes(found.mac as Mac) ? found : undefined
}

/** Gives the machine these MACs. The first is its own; of the others, another machine's stay that one's. */
async function setMacs(tx: Tx, machineId: number, macs: readonly Mac[]): Promise<void> {
  const present = await tx
    .selectFrom('machineMac')
    .select(['machineId', 'mac'])
    .where(eb => eb.or([eb('machineId', '=', machineId), eb('mac', 'in', macs)]))
    .orderBy('position')
    .execute()
  const others = new Set(present.filter(row => row.machineId !== machineId).map(row => row.mac))
  const wanted = macs.filter((mac, position) => position === 0 || !others.has(mac))
  const own = present.filter(row => row.machineId === machineId).map(row => row.mac)
  if (own.join() === wanted.join()) return
  await tx
    .deleteFrom('machineMac')
    .where(eb => eb.or([eb('machineId', '=', machineId), eb('mac', '=', macs[0]!)]))
    .execute()
  const rows = wanted.map((mac, position) => ({ machineId, position, mac }))
  await tx.insertInto('machineMac').values(rows).execute()
}

/** Forgets all but the newest of the machines that asked from there. */
export async function forgetOldMachines(tx: Tx, { keep, ...where }: { address?: Sighting['address']; keep: number }) {
  let newest = tx.selectFrom('machine').select('id').orderBy('lastSeenAtMs', 'desc').orderBy('id', 'desc')
  if (where.address) newest = newest.where('address', '=', toHex(where.address))
  const old = await newest.limit(1_000).offset(keep).execute()
  await deleteMachines(
    tx,
    old.map(row => row.id),
  )
}

/** Forgets the machines that have one of these MACs. */
export async function forgetMachinesWith(tx: Tx, macs: readonly Mac[]): Promise<number> {
  const rows = await tx.selectFrom('machineMac').select('machineId').distinct().where('mac', 'in', macs).execute()
  const ids = rows.map(row => row.machineId)
  await deleteMachines(tx, ids)
  return ids.length
}

async function deleteMachines(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await tx.deleteFrom('machine').where('id', 'in', ids).execute()
}

/** @returns how many there were */
export async function forgetAllMachines(tx: Tx): Promise<number> {
  const { numDeletedRows } = await tx.deleteFrom('machine').executeTakeFirst()
  return Number(numDeletedRows)
}
