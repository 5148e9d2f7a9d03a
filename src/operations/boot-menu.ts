import type { Cluster } from '../domain/cluster.ts'
import { frontendUrl } from '../domain/frontend-url.ts'
import { compareNaturally } from '../domain/natural-order.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { ipxeText } from '../render/ipxe-text.ts'
import { getCluster } from '../store/clusters.ts'
import { listMacsByNode } from '../store/nodes.ts'

/** The menu that every machine gets first, whoever it is. */
export async function bootMenu({ store, templates }: Pick<Luna, 'store' | 'templates'>): Promise<string> {
  const url = lunaUrl(await store.read(getCluster))
  return templates.render('menu.ipxe', {
    discovery_url: `${url}?step=discovery`,
    choose_url: `${url}?step=choose`,
  })
}

const lunaUrl = (cluster: Cluster): string => `${frontendUrl(cluster)}/luna`

/** As many names as fit a screen or two, and iPXE's memory, are one list; more are lists of about as many as there are of them. */
const mostInOneList = 64

/**
 * The nodes to choose from at the machine; of many, first the parts of the list, then the part that begins with `from`.
 */
export async function chooseMenu(
  { store, templates }: Pick<Luna, 'store' | 'templates'>,
  from?: string,
): Promise<string> {
  const [cluster, macs] = await store.read(async tx => [await getCluster(tx), await listMacsByNode(tx)] as const)
  const nodes = [...macs]
    .map(([name, mac]) => ({ name, free: mac === undefined }))
    .toSorted((a, b) => compareNaturally(a.name, b.name))
  const size = nodes.length <= mostInOneList ? nodes.length : Math.ceil(Math.sqrt(nodes.length))
  const whole = from === undefined && size < nodes.length
  const first = from === undefined ? 0 : nodes.findIndex(({ name }) => compareNaturally(name, from) >= 0)
  return templates.render('choose.ipxe', {
    choose_url: `${lunaUrl(cluster)}?step=choose`,
    parts: whole ? partsOf(nodes, size) : [],
    nodes: whole || first === -1 ? [] : nodes.slice(first, first + size),
  })
}

const partsOf = (nodes: readonly { name: string; free: boolean }[], size: number) =>
  Array.from({ length: Math.ceil(nodes.length / size) }, (_, index) => {
    const part = nodes.slice(index * size, (index + 1) * size)
    return { first: part[0]!.name, last: part.at(-1)!.name, free: part.filter(({ free }) => free).length }
  })

/** A script that shows on the machine's console what is wrong, and begins again: iPXE would discard any other answer's words. */
export const errorScript = ({ templates }: Pick<Luna, 'templates'>, error: unknown): string =>
  templates.render('error.ipxe', {
    reason: ipxeText(
      error instanceof LunaError ? error.message : 'lweb met an error of its own; its log has the details',
    ),
  })
