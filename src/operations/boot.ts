import type { Luna } from '../luna.ts'
import { hidden } from '../render/ipxe-text.ts'
import { getNode } from '../store/nodes.ts'
import {
  type BootingMachine,
  type Boots,
  findMachine,
  type NetworkBootFacts,
  readIfNetworkBoot,
} from './begin-boots.ts'
import { bootFactsReader, bootView } from './boot-facts.ts'
import type { UnknownMachines } from './unknown-machines.ts'

/** Loaders that a boot script can be written for; also the templates' suffix. */
export type Loader = 'ipxe' | 'syslinux'

export interface BootRequest extends BootingMachine {
  loader: Loader
}

type Deps = Pick<Luna, 'store' | 'templates' | 'clock'> & {
  boots: Boots
  unknownMachines: Pick<UnknownMachines, 'note'>
}

/**
 * Begins a boot of the machine's node and returns its boot script. To a request of the head's own address it only shows the script,
 * with the token hidden.
 * @throws what `Boots` does
 */
export async function bootNode(luna: Deps, request: BootRequest): Promise<string> {
  if (request.caller.own) return showMachineScript(luna, request)
  try {
    const { facts, token } = await luna.boots.begin(request)
    return render(luna, request.loader, facts, token)
  } catch (error) {
    // of those that did not get to boot, whoever keeps them finds out who is a node all the same
    luna.unknownMachines.note(request.hardware, request.caller)
    throw error
  }
}

/** The boot script as the node's machine would get it; no boot begins. */
export async function showBootScript(luna: Pick<Luna, 'store' | 'templates'>, name: string): Promise<string> {
  const facts = await luna.store.read(async tx => readIfNetworkBoot(bootFactsReader(tx), await getNode(tx, name)))
  return render(luna, 'ipxe', facts, hidden)
}

async function showMachineScript(luna: Deps, request: BootRequest): Promise<string> {
  const facts = await luna.store.read(tx => findMachine(tx, request, luna.clock()))
  return render(luna, request.loader, facts, hidden)
}

function render(
  { templates }: Pick<Luna, 'templates'>,
  loader: Loader,
  facts: NetworkBootFacts,
  token: string,
): string {
  if ('pack' in facts) return templates.render(`node.${loader}`, bootView(facts, token))
  return templates.render(`localboot.${loader}`, { node: facts.node.name })
}
