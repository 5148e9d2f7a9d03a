import { join } from 'node:path'
import type { Cluster } from '../domain/cluster.ts'
import type { Osimage } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'

/**
 * Works on the tree of an osimage while nobody else changes it: two package managers at once spoil each other's database, and a copy of
 * a tree that changes is of no moment. Packing does without, since tar says what changed under it.
 * @param purpose for whoever comes meanwhile: `lchroot`
 * @throws LunaError conflict when somebody has it
 */
export async function withTreeLock<T>(
  { locks, clock, imageTree }: Pick<Luna, 'locks' | 'clock' | 'imageTree'>,
  { cluster, osimage, purpose }: { cluster: Cluster; osimage: Osimage; purpose: string },
  work: () => Promise<T>,
): Promise<T> {
  if (!(await imageTree.isDirectory(osimage.path)))
    throw new LunaError('failed', `${osimage.path}, the path of osimage "${osimage.name}", is not a directory`)
  const path = join(cluster.path, '.lchroot', `${osimage.id}.lock`)
  const lock = await locks.acquire(path, clock(), purpose)
  if ('heldBy' in lock) throw taken(osimage.name, lock.heldBy)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

type Holder = Extract<Awaited<ReturnType<Luna['locks']['acquire']>>, { heldBy: unknown }>['heldBy']

function taken(name: string, holder: Holder): LunaError {
  const who = holder
    ? `: ${holder.purpose} of ${holder.user}, process ${holder.pid}, since ${formatLocalTime(holder.sinceMs)}`
    : ''
  return new LunaError('conflict', `somebody is in osimage "${name}" already${who}; wait for its end`)
}

/** `2026-03-01 14:05:09`, which is how Sweden writes it. */
export const formatLocalTime = (ms: number): string => new Date(ms).toLocaleString('sv-SE')
