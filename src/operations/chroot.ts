import { once } from 'node:events'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { getOsimage } from '../store/osimages.ts'
import { findPack } from '../store/packs.ts'
import { chrootCommand, findNewerCommand } from '../tools/chroot.ts'
import { chooseKernel } from './osimages.ts'
import { formatLocalTime, withTreeLock } from './tree-lock.ts'

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
  return withTreeLock(luna, { cluster, osimage, purpose: 'lchroot' }, async () => {
    const libexecDirectory = join(luna.shareDirectory, 'libexec')
    const kernver = chooseKernel(osimage, await luna.imageTree.findKernels(path))
    return runOnTerminal(luna, chrootCommand({ libexecDirectory, path, name, kernver, command }))
  })
}

/** What an administrator should know of an image that changed after nodes' present generation was packed. */
export async function adviseToPack({ store, exec }: Pick<Luna, 'store' | 'exec'>, name: string): Promise<string[]> {
  const { path, pack } = await store.read(async tx => {
    const { path, packId } = await getOsimage(tx, name)
    return { path, pack: packId === undefined ? undefined : await findPack(tx, packId) }
  })
  if (!pack) return []
  const newer = (await exec.run(findNewerCommand(path, Number(pack.createdAtMs))).catch(() => undefined))?.stdout
  if (!newer) return [] // what cannot be looked at is no reason to fail
  const time = formatLocalTime(Number(pack.createdAtMs))
  return [
    `osimage "${name}" is newer than what nodes get, packed ${time}; to give it to them: luna osimage pack ${name}`,
  ]
}

async function runOnTerminal({ exec }: Needs, command: ReturnType<typeof chrootCommand>): Promise<number> {
  const child = exec.start(command, 'inherit')
  const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return status ?? 128 + (signal ? constants.signals[signal] : 0)
}
