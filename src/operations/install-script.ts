import { type Caller, checkRootOf } from '../domain/caller.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { installScriptView } from '../render/install-script.ts'
import { hidden } from '../render/ipxe-text.ts'
import { markBootUsed } from '../store/boots.ts'
import { getNode } from '../store/nodes.ts'
import { type BootFacts, readBootFacts } from './boot-facts.ts'
import { recordStep } from './boot-steps.ts'
import { getBootOfToken } from './boot-tokens.ts'
import { installScriptInput } from './install-input.ts'

export interface InstallRequest {
  node: string
  token: string | undefined
  caller: Caller
}

type Deps = Pick<Luna, 'store' | 'templates' | 'clock'>

/**
 * The install script of the node's present boot, for the generation that the boot began with. The head's own addresses need no
 * token, and get it without secrets.
 * @throws notFound for an unknown node, forbidden for anyone but root on the node in a boot that goes on
 */
export async function installScript(luna: Deps, { node: name, token, caller }: InstallRequest): Promise<string> {
  if (caller.own) return render(luna, await readPresent(luna, name), { token: '', secrets: false })
  const facts = await luna.store.write(async tx => {
    const node = await getNode(tx, name)
    checkRootOf(caller, node)
    const atMs = luna.clock()
    const boot = await getBootOfToken(tx, node, token, atMs)
    await markBootUsed(tx, boot.id, atMs)
    await recordStep(tx, { nodeId: node.id, bootId: boot.id, step: 'install.request', atMs })
    if (boot.packId === undefined)
      throw new LunaError('forbidden', `the image that this boot of node "${name}" began with is gone; boot again`)
    return readBootFacts(tx, node, boot.packId)
  })
  return render(luna, facts, { token: token!, secrets: true })
}

/** The install script as the node would get it now, secrets included: for root's own command line. */
export const showInstallScript = async (luna: Pick<Luna, 'store' | 'templates'>, name: string): Promise<string> =>
  render(luna, await readPresent(luna, name), { token: hidden, secrets: true })

const readPresent = ({ store }: Pick<Luna, 'store'>, name: string): Promise<BootFacts> =>
  store.read(async tx => readBootFacts(tx, await getNode(tx, name)))

function render(
  { templates }: Pick<Luna, 'templates'>,
  facts: BootFacts,
  { token, secrets }: { token: string; secrets: boolean },
): string {
  const input = installScriptInput(facts, token, (name, variables) => templates.render(name, variables))
  if (input.setupbmc && !secrets) input.setupbmc.password = hidden
  return templates.render('install.sh', { ...installScriptView(input) })
}
