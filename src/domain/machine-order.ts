import { LunaError } from '../errors.ts'
import type { Machine } from './machine.ts'
import { compareNaturally } from './natural-order.ts'

/** Where a machine is plugged in, as a switch tells. */
export interface PortPlace {
  switch: string
  /** The port's number, and its name when the switch has one for it. */
  port: string
  portName: string | undefined
}

/** A machine with the switch port that it was seen at. */
export interface PlacedMachine extends Machine {
  place: PortPlace | undefined
}

/** In what order machines are listed, and get names. */
export const machineOrders = ['arrival', 'port', 'serial'] as const
export type MachineOrder = (typeof machineOrders)[number]

export function parseMachineOrder(text: string): MachineOrder {
  const order = machineOrders.find(one => one === text)
  if (order) return order
  throw new LunaError('invalid', `machines are ordered by ${machineOrders.join(', ')}, not by "${text}"`)
}

/** What a machine is sorted by, word for word; undefined when it does not have that. */
const keys: Record<MachineOrder, (machine: PlacedMachine) => readonly string[] | undefined> = {
  arrival: () => [],
  port: ({ place }) => place && [place.switch, place.portName ?? place.port],
  serial: ({ serial }) => (serial === '' ? undefined : [serial]),
}

/** Sorts machines that are in the order of their arrival; those without a port or serial come last. */
export function sortMachines(machines: readonly PlacedMachine[], by: MachineOrder): PlacedMachine[] {
  const keyOf = keys[by]
  return machines.toSorted((a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)]
    if (!left || !right) return Number(!left) - Number(!right)
    return left.map((word, index) => compareNaturally(word, right[index]!)).find(order => order !== 0) ?? 0
  })
}

/** Refuses to give the first `count` of sorted machines their names by what they do not have, or have in common. */
export function checkOrder(sorted: readonly PlacedMachine[], count: number, by: MachineOrder): void {
  if (by === 'arrival') return
  const keyOf = keys[by]
  const without = sorted.slice(0, count).find(machine => !keyOf(machine))
  if (without)
    throw new LunaError(
      'notReady',
      `the ${by} of ${without.macs[0]} is not known; see: luna node discover; or leave --by ${by} away`,
    )
  const texts = sorted.map(machine => keyOf(machine)?.join(' '))
  const double = texts.findIndex((text, index) => index > 0 && index <= count && text && text === texts[index - 1])
  if (double === -1) return
  const [first, second] = [sorted[double - 1]!, sorted[double]!]
  throw new LunaError(
    'conflict',
    `${first.macs[0]} and ${second.macs[0]} have the same ${by}: ${texts[double]}; leave --by ${by} away`,
  )
}
