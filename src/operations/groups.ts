import { bmcInterface, bootInterface, type Group, getInterface, groupDefaults } from '../domain/group.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getBmcsetup } from '../store/bmcsetups.ts'
import {
  deleteGroup,
  findGroup,
  getGroup,
  insertGroup,
  insertInterface,
  listGroups,
  updateGroup,
} from '../store/groups.ts'
import { getNetwork } from '../store/networks.ts'
import { listNodes, pinNodes } from '../store/nodes.ts'
import { getOsimage } from '../store/osimages.ts'
import type { Tx } from '../store/store.ts'
import { getGeneration } from './generations.ts'
import { changeInterface, checkBmcNetwork, type InterfaceChange } from './group-interfaces.ts'

export interface GroupInput {
  name: string
  osimage: string
  /** Network of the first interface, and of the BMC. */
  network?: string
  bmcnetwork?: string
  bmcsetup?: string
  /** Name of the first interface; BOOTIF unless said. */
  interface?: string
}

export async function addGroup({ store }: Pick<Luna, 'store'>, input: GroupInput): Promise<void> {
  await store.write(async tx => {
    const { name, osimage, bmcsetup, network } = input
    if (await findGroup(tx, name)) throw taken(name)
    await getOsimage(tx, osimage)
    if (bmcsetup !== undefined) await getBmcsetup(tx, bmcsetup)
    const first = input.interface ?? bootInterface
    if (first === bmcInterface && input.bmcnetwork !== undefined)
      throw new LunaError('usage', `the interface ${bmcInterface} is named twice, by --interface and by --bmcnetwork`)
    const interfaces = [{ name: first, params: '', ...(await networkIds(tx, first, network)) }]
    if (input.bmcnetwork !== undefined)
      interfaces.push({ name: bmcInterface, params: '', ...(await networkIds(tx, bmcInterface, input.bmcnetwork)) })
    const unset = { torrentIf: undefined, bootIf: undefined, seedMemory: true, generation: undefined, comment: '' }
    const id = await insertGroup(tx, { ...groupDefaults, ...unset, name, osimage, bmcsetup, domain: network })
    for (const one of interfaces) await insertInterface(tx, id, one)
  })
}

const taken = (name: string) =>
  new LunaError('conflict', `group "${name}" exists already; see: luna group show ${name}`)

async function networkIds(tx: Tx, interfaceName: string, name: string | undefined) {
  const network = name === undefined ? undefined : await getNetwork(tx, name)
  if (network) checkBmcNetwork(interfaceName, network)
  return {
    networkId: network?.cidr.version === 4 ? network.id : null,
    network6Id: network?.cidr.version === 6 ? network.id : null,
  }
}

export const listAllGroups = ({ store }: Pick<Luna, 'store'>): Promise<Group[]> => store.read(listGroups)

export const showGroup = ({ store }: Pick<Luna, 'store'>, name: string): Promise<Group> =>
  store.read(tx => getGroup(tx, name))

export type GroupChange = Partial<Omit<Group, 'id' | 'name' | 'interfaces'>>

/** Changes the group's own settings, after one of its interfaces when that is said: both or nothing. */
export async function changeGroup(
  { store }: Pick<Luna, 'store'>,
  name: string,
  change: GroupChange,
  interfaceChange?: InterfaceChange,
): Promise<void> {
  await store.write(async tx => {
    if (interfaceChange) await changeInterface(tx, await getGroup(tx, name), interfaceChange)
    const before = await getGroup(tx, name)
    const moves = change.osimage !== undefined && change.osimage !== before.osimage
    const group = { ...before, ...(moves && { generation: undefined }), ...change }
    const osimage = await getOsimage(tx, group.osimage)
    if (group.generation !== undefined) await getGeneration(tx, osimage, group.generation)
    if (moves) await pinNodes(tx, idsOf(await listNodes(tx, { group: name })), null) // those were of the other osimage
    if (group.bmcsetup !== undefined) await getBmcsetup(tx, group.bmcsetup)
    if (group.domain !== undefined) await getNetwork(tx, group.domain)
    if (group.torrentIf !== undefined) checkNodesInterface(group, group.torrentIf, 'fetch images by')
    if (group.bootIf !== undefined) checkNodesInterface(group, group.bootIf, 'boot from')
    await updateGroup(tx, group)
  })
}

const idsOf = (nodes: readonly { id: number }[]): number[] => nodes.map(node => node.id)

function checkNodesInterface(group: Group, name: string, use: string): void {
  getInterface(group, name)
  if (name === bmcInterface) throw new LunaError('invalid', `nodes cannot ${use} the BMC interface`)
}

export async function renameGroup({ store }: Pick<Luna, 'store'>, name: string, newName: string): Promise<void> {
  await store.write(async tx => {
    const group = await getGroup(tx, name)
    if (name !== newName && (await findGroup(tx, newName))) throw taken(newName)
    await updateGroup(tx, { ...group, name: newName })
  })
}

export async function cloneGroup({ store }: Pick<Luna, 'store'>, name: string, newName: string): Promise<void> {
  await store.write(async tx => {
    const group = await getGroup(tx, name)
    if (await findGroup(tx, newName)) throw taken(newName)
    const id = await insertGroup(tx, { ...group, name: newName })
    for (const one of group.interfaces) {
      const { networkId } = await networkIds(tx, one.name, one.networks[4])
      const { network6Id } = await networkIds(tx, one.name, one.networks[6])
      await insertInterface(tx, id, { name: one.name, params: one.params, networkId, network6Id })
    }
  })
}

export async function removeGroup({ store }: Pick<Luna, 'store'>, name: string): Promise<void> {
  await store.write(async tx => {
    const group = await getGroup(tx, name)
    const nodes = await listNodes(tx, { group: name })
    if (nodes.length > 0)
      throw new LunaError('inUse', `group "${name}" still has nodes (${nodes.length}); see: luna node list -g ${name}`)
    await deleteGroup(tx, group.id)
  })
}
