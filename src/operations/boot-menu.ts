import { frontendUrl } from '../domain/frontend-url.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { ipxeText } from '../render/ipxe-text.ts'
import { getCluster } from '../store/clusters.ts'
import { listNodes } from '../store/nodes.ts'

/** The menu that every machine gets first, whoever it is. */
export async function bootMenu({ store, templates }: Pick<Luna, 'store' | 'templates'>): Promise<string> {
  const view = await store.read(async tx => {
    const nodes = await listNodes(tx)
    return {
      discovery_url: `${frontendUrl(await getCluster(tx))}/luna?step=discovery`,
      nodes: nodes.map(({ name, mac }) => ({ name, free: mac === undefined })),
    }
  })
  return templates.render('menu.ipxe', view)
}

/** A script that shows on the machine's console what is wrong, and begins again: iPXE would discard any other answer's words. */
export const errorScript = ({ templates }: Pick<Luna, 'templates'>, error: unknown): string =>
  templates.render('error.ipxe', {
    reason: ipxeText(
      error instanceof LunaError ? error.message : 'lweb met an error of its own; its log has the details',
    ),
  })
