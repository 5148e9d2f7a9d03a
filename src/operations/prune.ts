import type { Pack } from '../domain/osimage.ts'
import type { Luna } from '../luna.ts'
import { withPackLock } from './pack.ts'
import { removeUnneededPacks } from './pack-garbage.ts'
import { packDirectories, readPackSubject } from './pack-plan.ts'

type Needs = Pick<Luna, 'store' | 'packFiles' | 'swarm' | 'locks' | 'clock'>

/**
 * Removes the generations that the osimage's rule does not keep, or of those that nobody needs all but so many of the newest.
 * @returns what was removed, newest first
 * @throws LunaError conflict while the osimage is packed
 */
export async function pruneOsimage(luna: Needs, name: string, keep?: number): Promise<Pack[]> {
  const { cluster, osimage } = await readPackSubject(luna, name)
  return withPackLock(luna, cluster, osimage, () =>
    removeUnneededPacks(luna, { ...osimage, ...(keep !== undefined && { keep }) }, packDirectories(cluster, osimage)),
  )
}
