import { join } from 'node:path'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'

/** The lock's own patience is a second each time. */
const attempts = 30

/**
 * Does the work of `luna cluster COMMAND` when no other of this head does: what is written last is then what was read last. Waits for
 * the other half a minute.
 */
export async function oneAtATime<T>(
  { store, locks, clock }: Pick<Luna, 'store' | 'locks' | 'clock'>,
  command: string,
  work: () => Promise<T>,
): Promise<T> {
  const { path } = await store.read(getCluster)
  for (let attempt = 0; attempt < attempts; attempt++) {
    const lock = await locks.acquire(join(path, `.${command}`, 'lock'), clock())
    if (!('release' in lock)) continue
    try {
      return await work()
    } finally {
      await lock.release()
    }
  }
  throw new LunaError('conflict', `another "luna cluster ${command}" is at work; try again when it is done`)
}
