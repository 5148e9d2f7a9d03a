import type { IpVersion } from '../domain/address.ts'
import {
  bmcInterface,
  bootInterface,
  findInterface,
  type Group,
  type GroupInterface,
  getInterface,
  groupDefaults,
} from '../domain/group.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getBmcsetup } from '../store/bmcsetups.ts'
import {
  deleteGroup,
  deleteInterface,
  findGroup,
  getGroup,
  insertGroup,
  insertInterface,
  listGroups,
  updateGroup,
  updateInterface,
} from '../store/groups.ts'
import { getNetwork } from '../store/networks.ts'
import { deleteAddresses, listNodes } from '../store/nodes.ts'
import { getOsimage } from '../store/osimages.ts'
import type { Tx } from '../store/store.ts'
import { giveAddresses } from './addresses.ts'

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
    if (network !== undefined) await getNetwork(tx, network)
    const plain = { ...groupDefaults, name, osimage, bmcsetup, domain: network, torrentIf: undefined, comment: '' }
    const id = await insertGroup(tx, plain)
    await insertInterface(tx, id, {
      name: input.interface ?? bootInterface,
      params: '',
      ...(await networkIds(tx, network)),
    })
    if (input.bmcnetwork !== undefined)
      await insertInterface(tx, id, { name: bmcInterface, params: '', ...(await networkIds(tx, input.bmcnetwork)) })
  })
}

const taken = (name: string) =>
  new LunaError('conflict', `group "${name}" exists already; see: luna group show ${name}`)

async function networkIds(tx: Tx, name: string | undefined) {
  const network = name === undefined ? undefined : await getNetwork(tx, name)
  return {
    networkId: network?.cidr.version === 4 ? network.id : null,
    network6Id: network?.cidr.version === 6 ? network.id : null,
  }
}

export const listAllGroups = ({ store }: Pick<Luna, 'store'>): Promise<Group[]> => store.read(listGroups)

export const showGroup = ({ store }: Pick<Luna, 'store'>, name: string): Promise<Group> =>
  store.read(tx => getGroup(tx, name))

export type GroupChange = Partial<Omit<Group, 'id' | 'name' | 'interfaces'>>

export async function changeGroup({ store }: Pick<Luna, 'store'>, name: string, change: GroupChange): Promise<void> {
  await store.write(async tx => {
    const group = { ...(await getGroup(tx, name)), ...change }
    await getOsimage(tx, group.osimage)
    if (group.bmcsetup !== undefined) await getBmcsetup(tx, group.bmcsetup)
    if (group.domain !== undefined) await getNetwork(tx, group.domain)
    if (group.torrentIf !== undefined) getInterface(group, group.torrentIf)
    await updateGroup(tx, group)
  })
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
      const { networkId } = await networkIds(tx, one.networks[4])
      const { network6Id } = await networkIds(tx, one.networks[6])
      await insertInterface(tx, id, { name: one.name, params: one.params, networkId, network6Id })
    }
  })
}

export async function removeGroup({ store }: Pick<Luna, 'store'>, name: string): Promise<void> {
  await store.write(async tx => {
    const group = await getGroup(tx, name)
    const nodes = await listNodes(tx, { group: name })
    if (nodes.length > 0)
      throw new LunaError('inUse', `group "${name}" has ${nodes.length} nodes; see: luna node list -g ${name}`)
    await deleteGroup(tx, group.id)
  })
}

/** Adds an interface; one that is there already is left as it is. */
export async function addInterface({ store }: Pick<Luna, 'store'>, groupName: string, name: string): Promise<void> {
  await store.write(async tx => {
    const group = await getGroup(tx, groupName)
    if (findInterface(group, name)) return
    await insertInterface(tx, group.id, { name, params: '', networkId: null, network6Id: null })
  })
}

/** Puts the interface into the network, in place of the one it was in; the group's nodes get addresses there. */
export async function setInterfaceNetwork(
  { store }: Pick<Luna, 'store'>,
  groupName: string,
  name: string,
  networkName: string,
): Promise<void> {
  await store.write(async tx => {
    const network = await getNetwork(tx, networkName)
    const { version } = network.cidr
    if (name === bmcInterface && version === 6)
      throw new LunaError('invalid', `network "${networkName}" is IPv6; the BMC interface takes an IPv4 network only`)
    const one = await ensureInterface(tx, groupName, name)
    if (one.networks[version] === networkName) return
    await dropNetwork(tx, one, version)
    await updateInterface(tx, one.id, version === 4 ? { networkId: network.id } : { network6Id: network.id })
    await giveAddresses(tx, await listNodes(tx, { group: groupName }), one, network)
  })
}

/** `--bmcnetwork --setnet` and the alpha's forms make the BMC interface when it is missing; others must be added first. */
async function ensureInterface(tx: Tx, groupName: string, name: string): Promise<GroupInterface> {
  const group = await getGroup(tx, groupName)
  if (name !== bmcInterface || findInterface(group, name)) return getInterface(group, name)
  await insertInterface(tx, group.id, { name, params: '', networkId: null, network6Id: null })
  return getInterface(await getGroup(tx, groupName), name)
}

async function dropNetwork(tx: Tx, one: GroupInterface, version: IpVersion): Promise<void> {
  const name = one.networks[version]
  if (name === undefined) return
  await deleteAddresses(tx, { interfaceId: one.id, networkId: (await getNetwork(tx, name)).id })
  await updateInterface(tx, one.id, version === 4 ? { networkId: null } : { network6Id: null })
}

/** Takes the interface out of its network, or of the one named; its nodes' addresses there are freed. */
export async function unsetInterfaceNetwork(
  { store }: Pick<Luna, 'store'>,
  groupName: string,
  name: string,
  networkName: string | undefined,
): Promise<void> {
  await store.write(async tx => {
    const one = getInterface(await getGroup(tx, groupName), name)
    for (const version of [4, 6] as const)
      if (networkName === undefined || one.networks[version] === networkName) await dropNetwork(tx, one, version)
  })
}

export async function setInterfaceParams(
  { store }: Pick<Luna, 'store'>,
  groupName: string,
  name: string,
  params: string,
): Promise<void> {
  await store.write(async tx => {
    const one = getInterface(await getGroup(tx, groupName), name)
    await updateInterface(tx, one.id, { params })
  })
}

export async function renameInterface(
  { store }: Pick<Luna, 'store'>,
  groupName: string,
  name: string,
  newName: string,
): Promise<void> {
  await store.write(async tx => {
    const group = await getGroup(tx, groupName)
    const one = getInterface(group, name)
    if (name !== newName && findInterface(group, newName))
      throw new LunaError('conflict', `group "${groupName}" has an interface "${newName}" already`)
    await updateInterface(tx, one.id, { name: newName })
    if (group.torrentIf === name) await updateGroup(tx, { ...group, torrentIf: newName })
  })
}

export async function removeInterface({ store }: Pick<Luna, 'store'>, groupName: string, name: string): Promise<void> {
  await store.write(async tx => {
    const group = await getGroup(tx, groupName)
    const one = getInterface(group, name)
    if (group.torrentIf === name)
      throw new LunaError('inUse', `interface ${name} is the torrent_if of group "${groupName}"`)
    await deleteAddresses(tx, { interfaceId: one.id })
    await deleteInterface(tx, one.id)
  })
}
