import { setTimeout as sleep } from 'node:timers/promises'
import { nameNodes } from '../domain/hostlist.ts'
import { isWaiting } from '../domain/machine.ts'
import { checkOrder, type MachineOrder, type PlacedMachine, sortMachines } from '../domain/machine-order.ts'
import type { Node } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getGroup } from '../store/groups.ts'
import { forgetMachinesWith } from '../store/machines.ts'
import { getNodes, listNodes, updateNode } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { listPlacedMachines } from './discovered.ts'
import { addNodesIn } from './nodes.ts'

export interface Assignment {
  node: string
  machine: PlacedMachine
}

export interface AssignInput {
  names: readonly string[]
  /** Of the nodes that are made; nodes that are there already must be in it. */
  group: string | undefined
}

/** Makes the machines that wait the nodes of these names, in the order said: all of the names, or none. */
export function assignMachines(
  { store, clock }: Pick<Luna, 'store' | 'clock'>,
  { by, silentToo, ...input }: AssignInput & { by: MachineOrder; silentToo: boolean },
): Promise<Assignment[]> {
  return store.write(async tx => {
    await checkNames(tx, input)
    const all = await listPlacedMachines(tx, clock())
    const machines = silentToo ? all : all.filter(machine => isWaiting(machine, clock()))
    checkEnough(input.names.length, machines.length, all.length)
    const sorted = sortMachines(machines, by)
    checkOrder(sorted, input.names.length, by)
    return assign(tx, input, sorted)
  })
}

function checkEnough(wanted: number, there: number, known: number): void {
  if (there >= wanted) return
  const silent = known > there ? ` (${known - there} more did not ask for 15 minutes: --all counts them in)` : ''
  throw new LunaError(
    'notReady',
    `names ${wanted}, machines waiting ${there}${silent}; nothing was changed; --wait gives the names as machines arrive`,
  )
}

/** How often it is looked for machines that arrived. */
const lookMs = 500

/** Gives each name to the next machine that arrives, first to those that wait already, until all names are given. A dry run does not wait. */
export async function* assignAsTheyArrive(
  luna: Pick<Luna, 'store' | 'clock' | 'tell'>,
  { names, group }: AssignInput,
): AsyncGenerator<Assignment> {
  await luna.store.read(tx => checkNames(tx, { names, group }))
  const left = [...names]
  while (left.length > 0) {
    if ((await luna.store.read(tx => listWaiting(luna, tx))).length === 0) {
      if (luna.tell) return luna.tell({ kind: 'act', words: `wait for machines, for ${nameNodes(left)}` })
      await sleep(lookMs)
      continue
    }
    const given = await luna.store.write(async tx => {
      const machines = await listWaiting(luna, tx)
      const next = { names: left.slice(0, machines.length), group }
      await checkNames(tx, next)
      return assign(tx, next, machines)
    })
    left.splice(0, given.length)
    yield* given
  }
}

const listWaiting = async ({ clock }: Pick<Luna, 'clock'>, tx: Tx): Promise<PlacedMachine[]> =>
  (await listPlacedMachines(tx, clock())).filter(machine => isWaiting(machine, clock()))

/** Names of new nodes need a group; nodes that are there must have no machine yet. */
async function checkNames(tx: Tx, { names, group }: AssignInput): Promise<void> {
  const present = await listNodes(tx, { names })
  if (group !== undefined) await getGroup(tx, group)
  else if (present.length < names.length)
    throw new LunaError('usage', `${nameNodes(without(names, present))} cannot be made without a group: -g GROUP`)
  const taken = present.filter(node => node.mac !== undefined)
  if (taken.length > 0)
    throw new LunaError(
      'conflict',
      `${nameNodes(taken.map(node => node.name))} ${taken.length === 1 ? 'has a machine' : 'have machines'} already; to free one: luna node change ${taken[0]!.name} --mac ''`,
    )
  const elsewhere = present.find(node => group !== undefined && node.group !== group)
  if (elsewhere)
    throw new LunaError('conflict', `node "${elsewhere.name}" is in group "${elsewhere.group}", not in "${group}"`)
}

const without = (names: readonly string[], present: readonly Node[]): string[] => {
  const there = new Set(present.map(node => node.name))
  return names.filter(name => !there.has(name))
}

async function assign(tx: Tx, { names, group }: AssignInput, machines: readonly PlacedMachine[]) {
  const missing = without(names, await listNodes(tx, { names }))
  if (missing.length > 0) await addNodesIn(tx, { names: missing, group: group! })
  const given: Assignment[] = []
  for (const [index, node] of (await getNodes(tx, names)).entries()) {
    const machine = machines[index]!
    await updateNode(tx, { ...node, mac: machine.macs[0] })
    await forgetMachinesWith(tx, machine.macs)
    given.push({ node: node.name, machine })
  }
  return given
}
