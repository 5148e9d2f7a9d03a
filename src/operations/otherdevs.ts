import { type Address, sameAddress } from '../domain/address.ts'
import { checkOneEach } from '../domain/host-addresses.ts'
import { checkHostAddress, type Network } from '../domain/network.ts'
import type { Otherdev } from '../domain/otherdev.ts'
import type { Luna } from '../luna.ts'
import { deleteAddresses, insertAddress } from '../store/addresses.ts'
import { listHostNames } from '../store/host-names.ts'
import { getNetwork } from '../store/networks.ts'
import { deleteOtherdev, getOtherdevs, insertOtherdev, listOtherdevs, updateOtherdev } from '../store/otherdevs.ts'
import type { Tx } from '../store/store.ts'
import { checkFree, findFree } from './addresses.ts'
import { checkNameFree, checkNamesFree } from './names.ts'

/** Adds devices to a network, each with its address of those given, or with the next free one. */
export async function addOtherdevs(
  { store }: Pick<Luna, 'store'>,
  names: readonly string[],
  input: { network: string; addresses?: readonly Address[] },
): Promise<void> {
  if (input.addresses) checkOneEach(names, input.addresses)
  await store.write(async tx => {
    checkNamesFree(await listHostNames(tx), names)
    const network = await getNetwork(tx, input.network)
    const addresses = input.addresses ?? (await findFree(tx, network, names.length))
    for (const [index, name] of names.entries()) {
      const address = addresses[index]!
      if (input.addresses) await checkHost(tx, network, address)
      await insertAddress(tx, { otherdevId: await insertOtherdev(tx, name), networkId: network.id, address })
    }
  })
}

async function checkHost(tx: Tx, network: Network, address: Address): Promise<void> {
  checkHostAddress(network, address)
  await checkFree(tx, network, address)
}

export const listAllOtherdevs = ({ store }: Pick<Luna, 'store'>): Promise<Otherdev[]> => store.read(listOtherdevs)

export const showOtherdevs = ({ store }: Pick<Luna, 'store'>, names: readonly string[]): Promise<Otherdev[]> =>
  store.read(tx => getOtherdevs(tx, names))

export interface OtherdevChange {
  /** The network that the addresses are in; without any, the one that the devices leave. */
  network?: string
  /** One for each device. */
  addresses?: readonly Address[]
  comment?: string
}

export async function changeOtherdevs(
  { store }: Pick<Luna, 'store'>,
  names: readonly string[],
  change: OtherdevChange,
): Promise<void> {
  const { network: networkName, addresses, comment } = change
  if (addresses) checkOneEach(names, addresses)
  await store.write(async tx => {
    const network = networkName === undefined ? undefined : await getNetwork(tx, networkName)
    for (const [index, one] of (await getOtherdevs(tx, names)).entries()) {
      await updateOtherdev(tx, { ...one, comment: comment ?? one.comment })
      if (network) await setAddress(tx, one, network, addresses?.[index])
    }
  })
}

async function setAddress(tx: Tx, one: Otherdev, network: Network, address: Address | undefined): Promise<void> {
  const present = one.addresses.find(held => held.network === network.name)
  if (present && address && sameAddress(present.address, address)) return
  if (address) await checkHost(tx, network, address)
  await deleteAddresses(tx, { otherdevId: one.id, networkId: network.id })
  if (address) await insertAddress(tx, { otherdevId: one.id, networkId: network.id, address })
}

export async function renameOtherdev({ store }: Pick<Luna, 'store'>, name: string, newName: string): Promise<void> {
  await store.write(async tx => {
    const [one] = await getOtherdevs(tx, [name])
    if (name !== newName) await checkNameFree(tx, newName)
    await updateOtherdev(tx, { ...one!, name: newName })
  })
}

export async function removeOtherdevs({ store }: Pick<Luna, 'store'>, names: readonly string[]): Promise<void> {
  await store.write(async tx => {
    for (const { id } of await getOtherdevs(tx, names)) await deleteOtherdev(tx, id)
  })
}
