import { once } from 'node:events'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from '../domain/cluster.ts'
import type { Osimage } from '../domain/osimage.ts'
import type { Lock } from '../effects/locks.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { getOsimage } from '../store/osimages.ts'
import { chrootCommand } from '../tools/chroot.ts'

export interface ChrootInput {
  osimage: string
  /** Program and arguments; none: a shell. */
  command: readonly string[]
}

type Needs = Pick<Luna, 'store' | 'locks' | 'exec' | 'imageTree' | 'shareDirectory' | 'clock'>

/**
 * Runs a command in an osimage, on the terminal that we are on.
 * @returns its exit status; 128 and the signal's number when a signal ended it (as shells have it)
 * @throws LunaError conflict when somebody else is in there: two at once spoil each other's package database
 */
export async function runInOsimage(luna: Needs, { osimage: name, command }: ChrootInput): Promise<number> {
  const { cluster, osimage } = await luna.store.read(async tx => ({
    cluster: await getCluster(tx),
    osimage: await getOsimage(tx, name),
  }))
  const { path } = osimage
  if (!(await luna.imageTree.isDirectory(path)))
    throw new LunaError('failed', `${path}, the path of osimage "${name}", is not a directory`)
  const lock = await lockOsimage(luna, cluster, osimage)
  try {
    const libexecDirectory = join(luna.shareDirectory, 'libexec')
    return await runOnTerminal(luna, chrootCommand({ libexecDirectory, path, name, command }))
  } finally {
    await lock.release()
  }
}

async function lockOsimage({ locks, clock }: Needs, cluster: Cluster, osimage: Osimage): Promise<Lock> {
  const lock = await locks.acquire(join(cluster.path, '.lchroot', `${osimage.id}.lock`), clock())
  if (!('heldBy' in lock)) return lock
  const { heldBy } = lock
  const who = heldBy ? `: process ${heldBy.pid}, since ${formatLocalTime(heldBy.sinceMs)}` : ''
  throw new LunaError('conflict', `somebody is in osimage "${osimage.name}" already${who}; wait for its end`)
}

/** `2026-03-01 14:05:09`, which is how Sweden writes it. */
const formatLocalTime = (ms: number): string => new Date(ms).toLocaleString('sv-SE')

async function runOnTerminal({ exec }: Needs, command: ReturnType<typeof chrootCommand>): Promise<number> {
  const child = exec.start(command, 'inherit')
  const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return status ?? 128 + (signal ? constants.signals[signal] : 0)
}
