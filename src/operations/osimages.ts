import { type Osimage, osimageDefaults, type Pack } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { listGroups } from '../store/groups.ts'
import {
  deleteOsimage,
  findOsimage,
  getOsimage,
  insertOsimage,
  listOsimages,
  updateOsimage,
} from '../store/osimages.ts'
import { listPacks } from '../store/packs.ts'
import type { Tx } from '../store/store.ts'
import { removePackFiles } from './pack-garbage.ts'
import { filesOf, packDirectories } from './pack-plan.ts'

export interface OsimageInput {
  name: string
  /** Absolute path of the image's directory. */
  path: string
  kernver?: string
  kernopts?: string
}

export async function addOsimage(
  { store, imageTree }: Pick<Luna, 'store' | 'imageTree'>,
  input: OsimageInput,
): Promise<void> {
  const osimage = { ...osimageDefaults, grabExcludeList: '', comment: '', ...input }
  await checkKernel(imageTree, osimage)
  await store.write(async tx => {
    await checkNew(tx, osimage)
    await insertOsimage(tx, osimage)
  })
}

/** @throws LunaError conflict when another has the name or the path */
export async function checkNew(tx: Tx, osimage: Pick<Osimage, 'name' | 'path'>): Promise<void> {
  if (await findOsimage(tx, osimage.name)) throw taken(osimage.name)
  await checkPath(tx, osimage)
}

const taken = (name: string) =>
  new LunaError('conflict', `osimage "${name}" exists already; see: luna osimage show ${name}`)

async function checkPath(tx: Tx, { name, path }: Pick<Osimage, 'name' | 'path'>): Promise<void> {
  const other = (await listOsimages(tx)).find(one => one.path === path && one.name !== name)
  if (other) throw new LunaError('conflict', `${path} is the path of osimage "${other.name}" already`)
}

async function checkKernel(
  imageTree: Luna['imageTree'],
  { path, kernver }: Pick<Osimage, 'path' | 'kernver'>,
): Promise<void> {
  if (!(await imageTree.isDirectory(path))) throw new LunaError('invalid', `there is no directory ${path}`)
  const kernels = await imageTree.findKernels(path)
  if (kernels.length === 0)
    throw new LunaError(
      'invalid',
      `${path} has no kernel (no lib/modules/VERSION with a vmlinuz); install one in it first`,
    )
  if (kernver !== 'ANY' && !kernels.includes(kernver))
    throw new LunaError('invalid', `${path} has no kernel ${kernver}; it has ${kernels.join(', ')}`)
}

export const listAllOsimages = ({
  store,
}: Pick<Luna, 'store'>): Promise<{ osimage: Osimage; pack: Pack | undefined }[]> =>
  store.read(async tx => {
    const packs = new Map((await listPacks(tx)).map(pack => [pack.id, pack]))
    return (await listOsimages(tx)).map(osimage => ({ osimage, pack: packs.get(osimage.packId ?? -1) }))
  })

/** What keeps nodes of these osimages from booting, and what to do. */
export const adviseOnPacks = ({ store }: Pick<Luna, 'store'>, names: Iterable<string>): Promise<string[]> =>
  store.read(async tx => {
    const meant = new Set(names)
    return (await listOsimages(tx))
      .filter(({ name, packId }) => meant.has(name) && packId === undefined)
      .map(({ name }) => `osimage "${name}" is not packed, and nodes cannot boot it; run: luna osimage pack ${name}`)
  })

export const showOsimage = ({ store }: Pick<Luna, 'store'>, name: string): Promise<Osimage> =>
  store.read(tx => getOsimage(tx, name))

/** The kernels in the image, the newest last, and the one that packing would take; undefined when it is not there any more. */
export async function listKernels(
  { store, imageTree }: Pick<Luna, 'store' | 'imageTree'>,
  name: string,
): Promise<{ kernels: string[]; chosen: string | undefined }> {
  const osimage = await store.read(tx => getOsimage(tx, name))
  const kernels = await imageTree.findKernels(osimage.path)
  return { kernels, chosen: chooseKernel(osimage, kernels) }
}

/** @param kernels in the image, the newest last */
export const chooseKernel = ({ kernver }: Pick<Osimage, 'kernver'>, kernels: readonly string[]): string | undefined =>
  kernver === 'ANY' ? kernels.at(-1) : kernels.find(version => version === kernver)

export type OsimageChange = Partial<Omit<Osimage, 'id' | 'name' | 'packId' | 'canaryId'>>

export async function changeOsimage(
  { store, imageTree }: Pick<Luna, 'store' | 'imageTree'>,
  name: string,
  change: OsimageChange,
): Promise<void> {
  const before = await store.read(tx => getOsimage(tx, name))
  const after = { ...before, ...change }
  if (change.path !== undefined || change.kernver !== undefined) await checkKernel(imageTree, after)
  await store.write(async tx => {
    const osimage = { ...(await getOsimage(tx, name)), ...change }
    await checkPath(tx, osimage)
    await updateOsimage(tx, osimage)
  })
}

export async function renameOsimage({ store }: Pick<Luna, 'store'>, name: string, newName: string): Promise<void> {
  await store.write(async tx => {
    const osimage = await getOsimage(tx, name)
    if (name !== newName && (await findOsimage(tx, newName))) throw taken(newName)
    await updateOsimage(tx, { ...osimage, name: newName })
  })
}

/** Forgets the osimage, and removes the files of its generations; the image's directory is never touched. */
export async function removeOsimage(
  { store, packFiles }: Pick<Luna, 'store' | 'packFiles'>,
  name: string,
): Promise<void> {
  const { files, directories } = await store.write(async tx => {
    const osimage = await getOsimage(tx, name)
    const groups = (await listGroups(tx)).filter(group => group.osimage === name).map(group => `group "${group.name}"`)
    if (groups.length > 0) throw new LunaError('inUse', `osimage "${name}" is used by ${groups.join(', ')}`)
    const directories = packDirectories(await getCluster(tx), osimage)
    const files = (await listPacks(tx, osimage.id)).flatMap(pack => filesOf(pack, directories))
    await deleteOsimage(tx, osimage.id)
    return { files, directories }
  })
  await removePackFiles({ packFiles }, files, directories)
}
