import { type Bmcsetup, bmcsetupDefaults } from '../domain/bmcsetup.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import {
  deleteBmcsetup,
  findBmcsetup,
  getBmcsetup,
  insertBmcsetup,
  listBmcsetups,
  updateBmcsetup,
} from '../store/bmcsetups.ts'
import { listGroups } from '../store/groups.ts'

export type BmcsetupChange = Partial<Omit<Bmcsetup, 'id' | 'name'>>

export async function addBmcsetup({ store }: Pick<Luna, 'store'>, name: string, input: BmcsetupChange): Promise<void> {
  await store.write(async tx => {
    if (await findBmcsetup(tx, name)) throw taken(name)
    await insertBmcsetup(tx, { ...bmcsetupDefaults, comment: '', ...input, name })
  })
}

const taken = (name: string) =>
  new LunaError('conflict', `bmcsetup "${name}" exists already; see: luna bmcsetup show ${name}`)

export const listAllBmcsetups = ({ store }: Pick<Luna, 'store'>): Promise<Bmcsetup[]> => store.read(listBmcsetups)

export const showBmcsetup = ({ store }: Pick<Luna, 'store'>, name: string): Promise<Bmcsetup> =>
  store.read(tx => getBmcsetup(tx, name))

export async function changeBmcsetup(
  { store }: Pick<Luna, 'store'>,
  name: string,
  change: BmcsetupChange,
): Promise<void> {
  await store.write(async tx => updateBmcsetup(tx, { ...(await getBmcsetup(tx, name)), ...change }))
}

export async function renameBmcsetup({ store }: Pick<Luna, 'store'>, name: string, newName: string): Promise<void> {
  await store.write(async tx => {
    const bmcsetup = await getBmcsetup(tx, name)
    if (name !== newName && (await findBmcsetup(tx, newName))) throw taken(newName)
    await updateBmcsetup(tx, { ...bmcsetup, name: newName })
  })
}

export async function removeBmcsetup({ store }: Pick<Luna, 'store'>, name: string): Promise<void> {
  await store.write(async tx => {
    const bmcsetup = await getBmcsetup(tx, name)
    const groups = (await listGroups(tx)).filter(group => group.bmcsetup === name).map(group => `group "${group.name}"`)
    if (groups.length > 0) throw new LunaError('inUse', `bmcsetup "${name}" is used by ${groups.join(', ')}`)
    await deleteBmcsetup(tx, bmcsetup.id)
  })
}
