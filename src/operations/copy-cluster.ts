import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { copyEverything, type Watch } from '../store/copy.ts'

/** The user of the daemons, who is to have the copy. */
export const findDaemonsUser = async ({ store }: Pick<Luna, 'store'>): Promise<string> =>
  (await store.read(getCluster)).user

/**
 * Copies the whole cluster into a database that is empty; all of it or nothing, and every row is compared.
 * @returns the number of rows
 */
export async function copyCluster(
  from: Pick<Luna, 'store'>,
  to: Pick<Luna, 'store' | 'site'>,
  watch: Watch,
): Promise<number> {
  let rows: number | undefined
  return from.store.read(async source => {
    const { path, user } = await getCluster(source)
    await to.site.prepareCluster(path, user)
    rows ??= await to.store.write(target => copyEverything(source, target, watch))
    return rows
  })
}
