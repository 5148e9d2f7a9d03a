import { type Address, formatAddress, sameAddress } from '../domain/address.ts'
import { contains } from '../domain/cidr.ts'
import { checkOneEach } from '../domain/host-addresses.ts'
import { nameHosts } from '../domain/hostlist.ts'
import { checkHostAddress, type Network } from '../domain/network.ts'
import { changeSnmp, type SnmpV3, snmpV3Defaults } from '../domain/snmp.ts'
import { type Switch, switchDefaults } from '../domain/switch.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { deleteAddresses, insertAddress } from '../store/addresses.ts'
import { listHostNames } from '../store/host-names.ts'
import { forgetForwarding } from '../store/learned-macs.ts'
import { getNetwork, listNetworks } from '../store/networks.ts'
import type { Tx } from '../store/store.ts'
import {
  deleteSwitch,
  getSwitch,
  getSwitches,
  insertSwitch,
  listNodesOfSwitch,
  listSwitches,
  setPolled,
  updateSwitch,
} from '../store/switches.ts'
import { checkFree } from './addresses.ts'
import { checkNameFree, checkNamesFree } from './names.ts'

/** What an administrator says of a switch; what is left out stays as it is. */
export interface SwitchChange {
  /** Without it the network that holds the address: the smallest, where they overlap. */
  network?: string
  /** One for each switch. */
  addresses?: readonly Address[]
  read?: string
  rw?: string
  oid?: string
  comment?: string
  snmp?: Partial<SnmpV3>
}

export async function addSwitches(
  { store }: Pick<Luna, 'store'>,
  names: readonly string[],
  { network: networkName, addresses, snmp = {}, ...input }: SwitchChange & { addresses: readonly Address[] },
): Promise<void> {
  checkOneEach(names, addresses)
  const settings = { ...switchDefaults, comment: '', ...input, ...changeSnmp(snmpV3Defaults, snmp) }
  await store.write(async tx => {
    checkNamesFree(await listHostNames(tx), names)
    for (const [index, name] of names.entries()) {
      const address = addresses[index]!
      const network = await getNetworkOf(tx, address, networkName)
      await checkFree(tx, network, address)
      const switchId = await insertSwitch(tx, { ...settings, name })
      await insertAddress(tx, { switchId, networkId: network.id, address })
    }
  })
}

/** The network named, which must hold the address; else the smallest that does. */
async function getNetworkOf(tx: Tx, address: Address, name: string | undefined): Promise<Network> {
  const network = name === undefined ? await findSmallestNetwork(tx, address) : await getNetwork(tx, name)
  if (!network)
    throw new LunaError(
      'invalid',
      `${formatAddress(address)} is in no network of the cluster; run first: luna network add`,
    )
  checkHostAddress(network, address)
  return network
}

async function findSmallestNetwork(tx: Tx, address: Address): Promise<Network | undefined> {
  const holding = (await listNetworks(tx)).filter(network => contains(network.cidr, address))
  return holding.toSorted((a, b) => b.cidr.prefix - a.cidr.prefix)[0]
}

export const listAllSwitches = ({ store }: Pick<Luna, 'store'>): Promise<Switch[]> => store.read(tx => listSwitches(tx))

export const showSwitches = ({ store }: Pick<Luna, 'store'>, names: readonly string[]): Promise<Switch[]> =>
  store.read(tx => getSwitches(tx, names))

export async function changeSwitches(
  { store }: Pick<Luna, 'store'>,
  names: readonly string[],
  change: SwitchChange,
): Promise<void> {
  const { network, addresses, snmp = {}, ...plain } = change
  if (addresses) checkOneEach(names, addresses)
  await store.write(async tx => {
    for (const [index, one] of (await getSwitches(tx, names)).entries()) {
      const address = addresses?.[index]
      await updateSwitch(tx, one.id, { ...one, ...changeSnmp(one, snmp), ...plain })
      if (network !== undefined || address) await move(tx, one, address ?? one.address, network)
      if ((address && !sameAddress(address, one.address)) || (plain.oid ?? one.oid) !== one.oid)
        await beginAnew(tx, one)
    }
  })
}

/** Behind another address is another switch, perhaps; another table may number its ports otherwise. */
async function beginAnew(tx: Tx, { id }: Switch): Promise<void> {
  await forgetForwarding(tx, id)
  await setPolled(tx, id, { polledAtMs: undefined, trouble: '' })
}

/** An address it has is free for the switch itself, in whatever network. */
async function move(tx: Tx, one: Switch, address: Address, networkName: string | undefined): Promise<void> {
  const network = await getNetworkOf(tx, address, networkName)
  await deleteAddresses(tx, { switchId: one.id })
  await checkFree(tx, network, address)
  await insertAddress(tx, { switchId: one.id, networkId: network.id, address })
}

export async function renameSwitch({ store }: Pick<Luna, 'store'>, name: string, newName: string): Promise<void> {
  await store.write(async tx => {
    const one = await getSwitch(tx, name)
    if (name === newName) return
    await checkNameFree(tx, newName)
    await updateSwitch(tx, one.id, { ...one, name: newName })
  })
}

/** What it has learned goes with it; a node at one of its ports keeps it. */
export async function removeSwitches({ store }: Pick<Luna, 'store'>, names: readonly string[]): Promise<void> {
  await store.write(async tx => {
    for (const { id, name } of await getSwitches(tx, names)) {
      const nodes = await listNodesOfSwitch(tx, id)
      if (nodes.length > 0)
        throw new LunaError('inUse', `switch "${name}" is used by ${nameHosts('node', nodes)}; nothing was deleted`)
      await deleteSwitch(tx, id)
    }
  })
}
