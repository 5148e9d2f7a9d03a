import { forgetMs } from '../domain/forwarding.ts'
import type { Mac } from '../domain/mac.ts'
import { type MachineOrder, type PlacedMachine, type PortPlace, sortMachines } from '../domain/machine-order.ts'
import { mostMacsOfNode } from '../domain/port-recognition.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { type LearnedMac, listLearnedMacs, listPortMaps } from '../store/learned-macs.ts'
import { forgetAllMachines, forgetMachinesWith, listMachines } from '../store/machines.ts'
import type { Tx } from '../store/store.ts'

/** Machines that asked to boot and are no nodes, with the switch port that each was seen at. */
export const listDiscovered = (
  { store, clock }: Pick<Luna, 'store' | 'clock'>,
  by: MachineOrder = 'arrival',
): Promise<PlacedMachine[]> => store.read(async tx => sortMachines(await listPlacedMachines(tx, clock()), by))

export async function listPlacedMachines(tx: Tx, nowMs: number): Promise<PlacedMachine[]> {
  const machines = await listMachines(tx)
  const places = await findPlaces(tx, nowMs - forgetMs)
  return machines.map(machine => ({
    ...machine,
    place: machine.macs.map(mac => places.get(mac)).find(place => place !== undefined),
  }))
}

/** The port of each MAC: where several switches know it, the port with the fewest MACs behind it, the others being on the way. */
async function findPlaces(tx: Tx, sinceMs: number): Promise<Map<Mac, PortPlace>> {
  const learned = await listLearnedMacs(tx, { sinceMs })
  if (learned.length === 0) return new Map()
  const maps = await listPortMaps(tx)
  const ports = [...Map.groupBy(learned, ({ switchId, port }) => `${switchId} ${port}`).values()]
    .filter(macs => macs.length <= mostMacsOfNode)
    .toSorted((a, b) => b.length - a.length)
  const placeOf = ({ switch: name, switchId, port }: LearnedMac): PortPlace => ({
    switch: name,
    port,
    portName: maps.get(switchId)?.get(port) || undefined,
  })
  return new Map(ports.flat().map(one => [one.mac, placeOf(one)]))
}

/** Forgets one machine or all of them; those that still ask come back. */
export async function forgetMachines({ store }: Pick<Luna, 'store'>, which: Mac | 'all'): Promise<void> {
  await store.write(async tx => {
    if (which === 'all') return forgetAllMachines(tx)
    if ((await forgetMachinesWith(tx, [which])) > 0) return
    throw new LunaError('notFound', `no unknown machine has the MAC ${which}; see: luna node discover`)
  })
}
