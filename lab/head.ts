import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Exec } from '../src/effects/exec.ts'
import { LunaError } from '../src/errors.ts'
import type { Command } from '../src/tools/command.ts'
import { wireNetwork } from './bridge.ts'
import { installHead } from './head-installation.ts'
import { beforeMounts, bindReadOnly, coverDirectories, makeHeadDirectories, mountMemory } from './mounts.ts'
import { onHead, startKeeper } from './namespace.ts'
import { distDirectory, type LabPaths } from './paths.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { removeTree } from './remove-tree.ts'
import type { Screen } from './screen.ts'
import type { LabSettings } from './settings.ts'
import { type LabNode, type LabState, writeState } from './state.ts'

/** Where the READMEs have the image. */
export const imagePath = '/opt/luna/os/compute'

export interface HeadRequest {
  nodes: LabNode[]
  /** Tree of the image on the real machine. */
  image: string
}

/** Makes a head node as its administrator finds it after installing the packages: nothing configured, Luna on the PATH. */
export async function makeHead(
  exec: Exec,
  settings: LabSettings,
  screen: Screen,
  { nodes, image }: HeadRequest,
): Promise<LabState> {
  const { paths } = settings
  if (!existsSync(join(distDirectory, 'bin', 'luna')))
    throw new LunaError('notReady', `${distDirectory} is not built; run: make build`)
  await removeTree(exec, paths.head, paths.logs, paths.machines)
  for (const directory of [paths.head, paths.logs, paths.machines]) mkdirSync(directory, { recursive: true })
  let state: LabState | undefined
  const keeper = await startKeeper(exec, started => {
    state = { directory: paths.directory, keeper: started, nodes }
    writeState(state)
  })
  const run = async (...commands: Command[]) => {
    for (const command of commands) await exec.run(onHead(keeper, { cwd: '/', ...command }))
  }
  if (await needsMemory(exec, keeper, paths)) {
    screen.print(
      `head: the file system below ${paths.head} cannot hold overlays, so the head keeps its files in memory`,
    )
    await run(mountMemory(paths.head))
  }
  await run(makeHeadDirectories(paths.head))
  const tree = beforeMounts(paths.head, '/usr/local/lib')
  await run({ argv: ['mkdir', '-p', tree] }, { argv: ['cp', '-a', `${distDirectory}/.`, join(tree, 'luna')] })
  await run(...bindReadOnly(image, beforeMounts(paths.head, imagePath)))
  await run(...coverDirectories(paths.head, paths.logs))
  await run(wireNetwork(nodes))
  await installHead(exec, keeper, settings)
  return state!
}

/** True where an overlay with its changes below `paths.head` is refused, such as on an overlay itself. */
async function needsMemory(exec: Exec, keeper: ProcessIdentity, { head }: LabPaths): Promise<boolean> {
  const [upper, work, target] = ['upper', 'work', 'target'].map(name => join(head, 'probe', name))
  const options = `lowerdir=/etc,upperdir=${upper},workdir=${work}`
  const run = (...argv: [string, ...string[]]) => exec.run(onHead(keeper, { argv, cwd: '/' }))
  await run('mkdir', '-p', upper!, work!, target!)
  try {
    await run('mount', '-t', 'overlay', 'overlay', '-o', options, target!)
    // Mounted on an unfit file system, an overlay is silently read-only.
    await run('touch', join(target!, 'probe'))
    return false
  } catch {
    return true
  } finally {
    await run('umount', target!).catch(() => {})
    await run('rm', '-rf', '--one-file-system', join(head, 'probe'))
  }
}
