import { foldHostlist } from '../domain/hostlist.ts'
import type { Osimage, Pack } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import { listGroups } from '../store/groups.ts'
import { getNodes, pinNodes, unpinNodes } from '../store/nodes.ts'
import { setCanary } from '../store/osimages.ts'
import type { Tx } from '../store/store.ts'

/** @throws LunaError notFound for an unknown node, invalid for one that gets another osimage */
export async function getCanaryNodes(tx: Tx, { name }: Pick<Osimage, 'name'>, names: readonly string[]) {
  const groups = new Map((await listGroups(tx)).map(group => [group.name, group]))
  const nodes = await getNodes(tx, names)
  for (const node of nodes) {
    const { osimage } = groups.get(node.group)!
    if (osimage === name) continue
    throw new LunaError(
      'invalid',
      `node "${node.name}" gets osimage "${osimage}" (group "${node.group}"), not "${name}"`,
    )
  }
  return nodes
}

/** Gives the generation to these nodes alone; a canary that there was before is over. */
export async function beginCanary(tx: Tx, osimage: Osimage, { id }: Pick<Pack, 'id'>, names: readonly string[]) {
  const nodes = await getCanaryNodes(tx, osimage, names)
  await endCanary(tx, osimage)
  await setCanary(tx, osimage.id, id)
  await pinNodes(
    tx,
    nodes.map(node => node.id),
    id,
  )
}

/** Its nodes get what their groups get. */
export async function endCanary(tx: Tx, { id, canaryId }: Pick<Osimage, 'id' | 'canaryId'>): Promise<void> {
  if (canaryId === undefined) return
  await unpinNodes(tx, canaryId)
  await setCanary(tx, id, null)
}

/** What whoever packs for all nodes should know. */
export const adviseOnCanary = ({ name, canaryId }: Osimage): string[] =>
  canaryId === undefined
    ? []
    : [
        `generation ${canaryId} stays with the nodes that try it; to end that: luna osimage promote ${name}, or luna osimage rollback ${name}`,
      ]

export const onlyFor = (names: readonly string[] | undefined): string =>
  names === undefined ? '' : ` for ${foldHostlist(names)} alone`
