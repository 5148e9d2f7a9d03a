import type { Pack } from '../domain/osimage.ts'
import { comparePackages, type PackageChange, parsePackages } from '../domain/packages.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { getOsimage } from '../store/osimages.ts'
import { getGeneration } from './generations.ts'
import { packagesFileOf, packDirectories } from './pack-plan.ts'

export interface GenerationDiff {
  from: Pack
  to: Pack
  /** Undefined when the packages of one of them are not known. */
  packages: PackageChange[] | undefined
  /** Numbers of the generations whose packages are not known. */
  unknown: number[]
}

/** What is not the same in two generations; in the second and the current one, when no second is said. @throws LunaError notFound */
export async function compareGenerations(
  { store, packFiles }: Pick<Luna, 'store' | 'packFiles'>,
  name: string,
  [first, second]: readonly [number, number | undefined],
): Promise<GenerationDiff> {
  const { from, to, directories } = await store.read(async tx => {
    const osimage = await getOsimage(tx, name)
    const other = second ?? osimage.packId
    if (other === undefined)
      throw new LunaError('notReady', `osimage "${name}" has no current generation to compare ${first} with`)
    return {
      from: await getGeneration(tx, osimage, first),
      to: await getGeneration(tx, osimage, other),
      directories: packDirectories(await getCluster(tx), osimage),
    }
  })
  const lists = await Promise.all(
    [from, to].map(async pack => {
      const path = packagesFileOf(pack, directories)
      return path === undefined ? undefined : await packFiles.findText(path)
    }),
  )
  const unknown = [from, to].filter((_, index) => lists[index] === undefined).map(pack => pack.id)
  const [before, after] = lists.map(text => parsePackages(text ?? ''))
  return { from, to, packages: unknown.length > 0 ? undefined : comparePackages(before!, after!), unknown }
}
