import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LunaError } from '../src/errors.ts'

/** Directories of the real machine that the head sees its own version of; nothing of the lab's may lie below them. */
export const coveredDirectories = [
  '/etc',
  '/opt',
  '/srv',
  '/root',
  '/run',
  '/tmp',
  '/usr/local',
  '/var/lib',
  '/var/log',
]

/** Where the lab keeps things. The image and its key outlive the lab, all else is made afresh by each `up`. */
export interface LabPaths {
  directory: string
  /** Tree of the image that the lab makes. */
  image: string
  /** Hash of the recipe that `image` was made by. */
  imageRecipe: string
  /** Private key that may log in to every node; `.pub` beside it. */
  key: string
  /** What the head has in place of the covered directories. */
  head: string
  logs: string
  machines: string
}

/** Throws usage when the head would cover the directory with its own. */
export function labPaths(directory: string): LabPaths {
  const covering = coveredDirectories.find(covered => `${directory}/`.startsWith(`${covered}/`))
  if (!directory.startsWith('/')) throw new LunaError('usage', `LUNA_LAB_DIR must be an absolute path: ${directory}`)
  if (covering)
    throw new LunaError('usage', `LUNA_LAB_DIR must lie outside of ${covering}, of which the head has its own`)
  return {
    directory,
    image: join(directory, 'image'),
    imageRecipe: join(directory, 'image.recipe'),
    key: join(directory, 'ssh', 'id_ed25519'),
    head: join(directory, 'head'),
    logs: join(directory, 'log'),
    machines: join(directory, 'machines'),
  }
}

const here = import.meta.dirname
/** Bundled, this file is in dist/lib/luna; in the source tree, in lab. */
const isBuilt = existsSync(join(here, '..', '..', 'share', 'luna', 'lab'))

/** The built tree that is installed on the head. */
export const distDirectory: string = isBuilt ? join(here, '..', '..') : join(here, '..', 'dist')

/** A file of the lab's own that the head runs. */
export const headFile = (name: string): string =>
  isBuilt ? join(distDirectory, 'share', 'luna', 'lab', 'head', name) : join(here, 'head', name)
