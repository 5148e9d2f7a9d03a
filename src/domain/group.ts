import { LunaError } from '../errors.ts'
import type { IpVersion } from './address.ts'

/** Nodes that are alike: one image, one set of interfaces and scripts. */
export interface Group {
  id: number
  name: string
  osimage: string
  bmcsetup: string | undefined
  /** Network whose name is the nodes' DNS domain. */
  domain: string | undefined
  prescript: string
  partscript: string
  postscript: string
  torrentIf: string | undefined
  /** Interface that nodes boot from, where its system's name is used instead of BOOTIF. */
  bootIf: string | undefined
  interfaces: GroupInterface[]
  /** Nodes whose root is in memory keep the whole compressed image there as well, to give it to others, until they are installed. */
  seedMemory: boolean
  /** Generation of the osimage that its nodes get; undefined: the current one. */
  generation: number | undefined
  comment: string
}

/** `BOOTIF` is whichever NIC has the node's MAC, `BMC` the management controller; others are the system's names. */
export interface GroupInterface {
  id: number
  name: string
  /** Names of the networks it is in, at most one of each version. */
  networks: { 4: string | undefined; 6: string | undefined }
  /** Free text for the interface's configuration: MTU, bond, bridge ... */
  params: string
}

export const bootInterface = 'BOOTIF'
export const bmcInterface = 'BMC'

export const groupDefaults = {
  prescript: '',
  partscript: 'mount -t tmpfs tmpfs /sysroot\n',
  postscript: 'cat << EOF >> /sysroot/etc/fstab\ntmpfs   /       tmpfs    defaults        0 0\nEOF\n',
} as const

/** Name of the interface whose NIC has the node's MAC. */
export const bootInterfaceOf = (group: Pick<Group, 'bootIf'>): string => group.bootIf ?? bootInterface

export const versions: readonly IpVersion[] = [4, 6]

export function findInterface(group: Group, name: string): GroupInterface | undefined {
  return group.interfaces.find(one => one.name === name)
}

export function getInterface(group: Group, name: string): GroupInterface {
  const found = findInterface(group, name)
  if (found) return found
  const known = group.interfaces.map(one => one.name).join(', ') || 'none'
  throw new LunaError('notFound', `group "${group.name}" has no interface "${name}" (it has: ${known})`)
}
