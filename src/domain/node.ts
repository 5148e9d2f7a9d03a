import type { Address } from './address.ts'
import type { InstallStep } from './install.ts'
import type { Mac } from './mac.ts'

/** A machine of the cluster. */
export interface Node {
  id: number
  name: string
  group: string
  mac: Mac | undefined
  localboot: boolean
  setupbmc: boolean
  service: boolean
  /** Where it is plugged in: a switch, and the number or name of a port there as an administrator wrote it. */
  switch: string | undefined
  port: string | undefined
  addresses: NodeAddress[]
  /** Generation that it gets; undefined: that of its group. */
  generation: number | undefined
  comment: string
}

/** One address of a node: on which of its group's interfaces, in which network. */
export interface NodeAddress {
  interface: string
  network: string
  address: Address
}

/** The latest thing known of a node's present or last boot. */
export interface NodeStatus {
  step: InstallStep
  atMs: number
  message: string | undefined
}

/** One step of a boot as it was reported; times are the head's. */
export interface InstallEvent extends NodeStatus {
  uptimeS: number | undefined
  fromHeadBytes: number | undefined
  fromPeersBytes: number | undefined
  fromWebBytes: number | undefined
}
