import { isDeepStrictEqual } from 'node:util'
import { findStorms, type Storm } from '../domain/storm.ts'
import type { Luna } from '../luna.ts'
import { getOsimage, listOsimages } from '../store/osimages.ts'
import { listPacks } from '../store/packs.ts'
import type { Tx } from '../store/store.ts'
import { listEventsOfImage, listStorms, putStorm } from '../store/storms.ts'

/** How far back storms are looked for that nobody has seen end, because ltorrent was not running. */
const lookBackMs = 24 * 60 * 60 * 1000

/** Keeps the storms of the image with that info-hash; to be called when nobody fetches it. @returns those that were not known yet */
export async function recordStorms(
  { store, clock }: Pick<Luna, 'store' | 'clock'>,
  infoHash: string,
): Promise<Storm[]> {
  const sinceMs = clock() - lookBackMs
  const fresh = await store.read(async tx => {
    const known = await listStorms(tx)
    const found = await findStormsOf(tx, infoHash, sinceMs)
    return found.filter(storm => !known.some(one => isDeepStrictEqual(one, storm)))
  })
  if (fresh.length > 0)
    await store.write(async tx => {
      for (const storm of fresh) await putStorm(tx, storm)
    })
  return fresh
}

async function findStormsOf(tx: Tx, infoHash: string, sinceMs: number): Promise<Storm[]> {
  const pack = (await listPacks(tx)).find(one => one.infoHash === infoHash)
  const osimage = (await listOsimages(tx)).find(one => one.id === pack?.osimageId)
  if (!pack || !osimage) return []
  const image = { osimage: osimage.name, generation: pack.id, sizeBytes: pack.sizeBytes }
  return findStorms(await listEventsOfImage(tx, infoHash, sinceMs), image)
}

/** The newest first; of one osimage or of all. */
export const showStorms = ({ store }: Pick<Luna, 'store'>, osimage?: string): Promise<Storm[]> =>
  store.read(async tx => {
    if (osimage !== undefined) await getOsimage(tx, osimage)
    return listStorms(tx, osimage)
  })
