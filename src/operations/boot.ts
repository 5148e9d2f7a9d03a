import { randomBytes } from 'node:crypto'
import type { Caller } from '../domain/caller.ts'
import type { Hardware } from '../domain/hardware.ts'
import type { InstallStep } from '../domain/install.ts'
import type { Node } from '../domain/node.ts'
import type { Luna } from '../luna.ts'
import { hidden } from '../render/ipxe-text.ts'
import { endBoot, insertBoot } from '../store/boots.ts'
import { getNode } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { type BootFacts, bootView, readBootFacts } from './boot-facts.ts'
import { recordFirstStep } from './boot-steps.ts'
import { hashToken } from './boot-tokens.ts'
import { type Assignment, chooseNode, getNodeOfMachine, storeAssignment } from './machines.ts'
import type { UnknownMachines } from './unknown-machines.ts'

/** Loaders that a boot script can be written for; also the templates' suffix. */
export type Loader = 'ipxe' | 'syslinux'

export interface BootRequest {
  hardware: Hardware
  /** Name of the node that the person at the machine chose. */
  node: string | undefined
  loader: Loader
  caller: Caller
}

/**
 * Begins a boot of the machine's node and returns its boot script. To a request of the head's own address it only shows the script,
 * with the token hidden.
 * @throws notFound for an unknown machine or node, forbidden for one that says it is another, conflict for a MAC or node
 * that is taken, notReady when something must be done first
 */
export async function bootNode(
  luna: Pick<Luna, 'store' | 'templates' | 'clock'> & { unknownMachines: Pick<UnknownMachines, 'note'> },
  request: BootRequest,
): Promise<string> {
  if (request.caller.own) return showMachineScript(luna, request)
  try {
    return await beginMachinesBoot(luna, request)
  } catch (error) {
    // of those that did not get to boot, whoever keeps them finds out who is a node all the same
    luna.unknownMachines.note(request.hardware, request.caller)
    throw error
  }
}

async function beginMachinesBoot(
  luna: Pick<Luna, 'store' | 'templates' | 'clock'>,
  request: BootRequest,
): Promise<string> {
  const token = randomBytes(32).toString('hex')
  const facts = await luna.store.write(async tx => {
    const machine = await findMachine(tx, request, luna.clock())
    await storeAssignment(tx, machine)
    return beginBoot(tx, machine, hashToken(token), luna.clock())
  })
  return render(luna, request.loader, facts, token)
}

/** The boot script as the node's machine would get it; no boot begins. */
export async function showBootScript(luna: Pick<Luna, 'store' | 'templates'>, name: string): Promise<string> {
  const facts = await luna.store.read(async tx => readIfNetworkBoot(tx, await getNode(tx, name)))
  return render(luna, 'ipxe', facts, hidden)
}

async function showMachineScript(
  luna: Pick<Luna, 'store' | 'templates' | 'clock'>,
  request: BootRequest,
): Promise<string> {
  const facts = await luna.store.read(async tx =>
    readIfNetworkBoot(tx, (await findMachine(tx, request, luna.clock())).node),
  )
  return render(luna, request.loader, facts, hidden)
}

const findMachine = (tx: Tx, { node, hardware, caller }: BootRequest, atMs: number): Promise<Assignment> =>
  node === undefined ? getNodeOfMachine(tx, hardware, caller, atMs) : chooseNode(tx, node, hardware, caller)

type Facts = BootFacts | Pick<BootFacts, 'node'>

const readIfNetworkBoot = async (tx: Tx, node: Node): Promise<Facts> =>
  node.localboot ? { node } : readBootFacts(tx, node)

async function beginBoot(tx: Tx, { node, assigned }: Assignment, tokenHash: string, atMs: number): Promise<Facts> {
  const facts = await readIfNetworkBoot(tx, node)
  const packId = 'pack' in facts ? facts.pack.id : undefined
  const bootId = await insertBoot(tx, { nodeId: node.id, tokenHash, packId, createdAtMs: atMs })
  const steps: InstallStep[] = node.localboot ? ['boot.local'] : ['boot.request']
  if (assigned) steps.push('boot.mac_assigned')
  if (node.service && !node.localboot) steps.push('boot.service')
  for (const step of steps) await recordFirstStep(tx, { nodeId: node.id, bootId, step, atMs })
  if (node.localboot) await endBoot(tx, bootId, atMs) // its script has no token
  return facts
}

function render({ templates }: Pick<Luna, 'templates'>, loader: Loader, facts: Facts, token: string): string {
  if ('pack' in facts) return templates.render(`node.${loader}`, bootView(facts, token))
  return templates.render(`localboot.${loader}`, { node: facts.node.name })
}
