import type { Schema } from './schema.ts'

/** Every table, those that others refer to first: the order to fill them in. */
const inOrder = {
  network: true,
  reserved: true,
  dnsZone: true,
  cluster: true,
  osimage: true,
  pack: true,
  bmcsetup: true,
  nodeGroup: true,
  groupInterface: true,
  switch: true,
  switchPort: true,
  learnedMac: true,
  otherdev: true,
  node: true,
  address: true,
  boot: true,
  installEvent: true,
  storm: true,
  stormNode: true,
  machine: true,
  machineMac: true,
} satisfies Record<keyof Schema, true>

export const tables = Object.keys(inOrder) as readonly (keyof Schema)[]
