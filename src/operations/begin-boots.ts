import { randomBytes } from 'node:crypto'
import type { Caller } from '../domain/caller.ts'
import type { Hardware } from '../domain/hardware.ts'
import type { InstallStep } from '../domain/install.ts'
import type { Node } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { insertBoots } from '../store/boots.ts'
import { listNodes } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { type BootFacts, bootFactsReader } from './boot-facts.ts'
import { recordFirstSteps } from './boot-steps.ts'
import { hashToken } from './boot-tokens.ts'
import { type Assignment, chooseNode, getNodeOfMachine, storeAssignment } from './machines.ts'
import { together } from './together.ts'

/** A machine that wants to boot. */
export interface BootingMachine {
  hardware: Hardware
  /** Name of the node that the person at the machine chose. */
  node: string | undefined
  caller: Caller
}

/** What a boot script is made of: of a node that boots from its disk, only which it is. */
export type NetworkBootFacts = BootFacts | Pick<BootFacts, 'node'>

export interface BegunBoot {
  facts: NetworkBootFacts
  token: string
}

/** Begins boots; those of a rack that is switched on, in few transactions. */
export interface Boots {
  /**
   * Begins a boot of the machine's node.
   * @throws notFound for an unknown machine or node, forbidden for one that says it is another, conflict for a MAC or node
   * that is taken, notReady when something must be done first
   */
  begin(machine: BootingMachine): Promise<BegunBoot>
}

/** Machines that are served in one transaction: some 20 ms, in which no other writes. */
const mostAtOnce = 64

export const createBoots = ({ store, clock }: Pick<Luna, 'store' | 'clock'>): Boots => ({
  begin: together(machines => store.write(tx => beginBoots(tx, machines, clock())), mostAtOnce),
})

/** Whose node the machines are, and what their boot scripts are made of; nothing is stored. */
export async function findMachine(tx: Tx, machine: BootingMachine, atMs: number): Promise<NetworkBootFacts> {
  const { node } = await findNodeOf(tx, machine, await nodesByMac(tx, [machine]), atMs)
  return readIfNetworkBoot(bootFactsReader(tx), node)
}

export const readIfNetworkBoot = async (
  readFacts: ReturnType<typeof bootFactsReader>,
  node: Node,
): Promise<NetworkBootFacts> => (node.localboot ? { node } : readFacts(node))

type Found = Assignment & BegunBoot

async function beginBoots(
  tx: Tx,
  machines: readonly BootingMachine[],
  atMs: number,
): Promise<PromiseSettledResult<BegunBoot>[]> {
  const readFacts = bootFactsReader(tx)
  const unstored: Found[] = []
  let known = await nodesByMac(tx, machines)
  const begin = async (machine: BootingMachine): Promise<Found> => {
    // whether a node can be had depends on whether it ever booted
    if (!isKnown(machine, known)) await storeBoots(tx, unstored.splice(0), atMs)
    const assignment = await findNodeOf(tx, machine, known, atMs)
    const facts = await readIfNetworkBoot(readFacts, assignment.node)
    // nothing is refused from here on
    await storeAssignment(tx, assignment)
    if (assignment.assigned) known = await nodesByMac(tx, machines)
    const found = { ...assignment, facts, token: randomBytes(32).toString('hex') }
    unstored.push(found)
    return found
  }
  const results: PromiseSettledResult<Found>[] = []
  for (const machine of machines) results.push(await orRefusal(begin(machine)))
  await storeBoots(tx, unstored, atMs)
  return results
}

const isKnown = ({ node, hardware }: BootingMachine, known: NodesByMac): boolean =>
  node === undefined && hardware.macs.some(mac => known.has(mac))

/** One machine's refusal is not the others'; trouble with the database is. */
async function orRefusal<T>(found: Promise<T>): Promise<PromiseSettledResult<T>> {
  try {
    return { status: 'fulfilled', value: await found }
  } catch (reason) {
    if (reason instanceof LunaError) return { status: 'rejected', reason }
    throw reason
  }
}

type NodesByMac = ReadonlyMap<string, Node>

async function nodesByMac(tx: Tx, machines: readonly BootingMachine[]): Promise<NodesByMac> {
  const macs = new Set(machines.flatMap(({ hardware }) => hardware.macs))
  const nodes = macs.size === 0 ? [] : await listNodes(tx, { macs: [...macs] })
  return new Map(nodes.map(node => [node.mac!, node]))
}

const findNodeOf = (tx: Tx, { node, hardware, caller }: BootingMachine, known: NodesByMac, atMs: number) =>
  node === undefined ? getNodeOfMachine(tx, hardware, caller, known, atMs) : chooseNode(tx, node, hardware, caller)

async function storeBoots(tx: Tx, found: readonly Found[], atMs: number): Promise<void> {
  const boots = found.map(({ node, facts, token }) => ({
    nodeId: node.id,
    tokenHash: hashToken(token),
    packId: 'pack' in facts ? facts.pack.id : undefined,
    createdAtMs: atMs,
    endedAtMs: node.localboot ? atMs : undefined, // its script has no token
  }))
  const ids = await insertBoots(tx, boots)
  const steps = found.flatMap(({ node, assigned }, index) =>
    firstSteps(node, assigned !== undefined).map(step => ({ nodeId: node.id, bootId: ids[index]!, step, atMs })),
  )
  await recordFirstSteps(tx, steps)
}

function firstSteps({ localboot, service }: Node, assigned: boolean): InstallStep[] {
  const steps: InstallStep[] = localboot ? ['boot.local'] : ['boot.request']
  if (assigned) steps.push('boot.mac_assigned')
  if (service && !localboot) steps.push('boot.service')
  return steps
}
