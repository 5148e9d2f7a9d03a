import type { Luna } from '../luna.ts'
import { checkFiles } from './generations.ts'
import type { InterfaceChange } from './group-interfaces.ts'
import { changeGroup, type GroupChange } from './groups.ts'
import { changeNodes, type NodeChange } from './nodes.ts'

type Needs = Pick<Luna, 'store' | 'packFiles'>

/** changeGroup, unless files of the generation that it shall get are gone. @throws LunaError notReady then */
export async function changeGroupIfWhole(
  luna: Needs,
  name: string,
  change: GroupChange,
  interfaceChange?: InterfaceChange,
): Promise<void> {
  if (change.generation !== undefined) await checkFiles(luna, change.generation)
  await changeGroup(luna, name, change, interfaceChange)
}

/** The same for nodes. */
export async function changeNodesIfWhole(luna: Needs, names: readonly string[], change: NodeChange): Promise<void> {
  if (change.generation) await checkFiles(luna, change.generation)
  await changeNodes(luna, names, change)
}
