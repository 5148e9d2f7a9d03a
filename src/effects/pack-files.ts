import {
  access,
  constants,
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LunaError } from '../errors.ts'

/** The files that packing makes, and their way to where the daemons hand them out; directories that copying makes. */
export interface PackFiles {
  /** Makes the directories that are missing; all must be on one file system, so that files can be renamed between them. */
  makeDirectories(paths: readonly string[]): Promise<void>
  /** Makes an empty directory for root alone, without what was there. */
  makeEmpty(directory: string): Promise<void>
  /** Whether all of them are there. */
  exist(paths: readonly string[]): Promise<boolean>
  sizeOf(path: string): Promise<number>
  /** The same; undefined where there is no such file. */
  findSize(path: string): Promise<number | undefined>
  /** Its text; undefined where there is no such file. */
  findText(path: string): Promise<string | undefined>
  /** Whether both are there and hold the same. */
  areSame(path: string, other: string): Promise<boolean>
  write(path: string, content: Uint8Array): Promise<void>
  copy(from: string, to: string): Promise<void>
  /** Returns when the file is on the disk. */
  sync(path: string): Promise<void>
  /** Puts files one behind the other, each beginning at a multiple of 4 bytes. */
  join(sources: readonly string[], target: string): Promise<void>
  /** Brings files safely to the disk, lets everyone read them and moves them where they belong. */
  publish(moves: readonly { from: string; to: string }[]): Promise<void>
  /** Moves a directory to where nothing is, or an empty one. */
  move(from: string, to: string): Promise<void>
  /** Points a symbolic link somewhere else at once, or for the first time. */
  link(path: string, target: string): Promise<void>
  list(directory: string): Promise<string[]>
  /** Where each symbolic link of a directory leads. */
  listLinks(directory: string): Promise<Map<string, string>>
  /** Removes files, links and whole directories, as far as they are there. */
  remove(paths: readonly string[]): Promise<void>
}

export const createPackFiles = (): PackFiles => ({
  makeDirectories,
  makeEmpty: async directory => {
    await rm(directory, { recursive: true, force: true })
    await mkdir(directory, { recursive: true, mode: 0o700 })
  },
  exist: async paths =>
    (await Promise.allSettled(paths.map(path => access(path)))).every(one => one.status === 'fulfilled'),
  sizeOf: async path => (await stat(path)).size,
  findSize: async path => (await whereItIs(stat(path)))?.size,
  findText: path => whereItIs(readFile(path, 'utf8')),
  areSame,
  write: async (path, content) => {
    await using file = await open(path, 'wx', 0o600)
    await file.writeFile(content)
  },
  copy: (from, to) => copyFile(from, to, constants.COPYFILE_FICLONE), // sharing extents where the file system can
  sync,
  join: joinFiles,
  publish,
  move: async (from, to) => {
    await rename(from, to)
    await sync(dirname(to))
  },
  link,
  list: directory => readdir(directory),
  listLinks,
  remove: async paths => {
    await Promise.all(paths.map(path => rm(path, { recursive: true, force: true })))
  },
})

async function areSame(path: string, other: string): Promise<boolean> {
  const sizes = await Promise.all([path, other].map(async one => (await whereItIs(stat(one)))?.size))
  if (sizes[0] === undefined || sizes[0] !== sizes[1]) return false
  const [content, others] = await Promise.all([readFile(path), readFile(other)])
  return content.equals(others)
}

/** Undefined for a file that is not there. */
async function whereItIs<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function makeDirectories(paths: readonly string[]): Promise<void> {
  const devices = new Set<number>()
  for (const path of paths) {
    await mkdir(path, { recursive: true, mode: 0o755 })
    devices.add((await stat(path)).dev)
  }
  if (devices.size > 1)
    throw new LunaError('failed', `${paths.join(', ')} must be on one file system; move them or mount it above them`)
}

async function joinFiles(sources: readonly string[], target: string): Promise<void> {
  await using output = await open(target, 'wx', 0o600)
  let length = 0
  for (const source of sources) {
    const padding = Buffer.alloc((4 - (length % 4)) % 4)
    const content = await readFile(source)
    for (const bytes of [padding, content]) await output.writeFile(bytes) // goes on where the last one ended
    length += padding.length + content.length
  }
}

async function publish(moves: readonly { from: string; to: string }[]): Promise<void> {
  await Promise.all(
    moves.map(async ({ from }) => {
      await using file = await open(from)
      await file.chmod(0o644) // kernels are for root alone in many images
      await file.sync()
    }),
  )
  for (const { from, to } of moves) await rename(from, to)
  // a rename is on the disk when its directory is (fsync(2))
  for (const directory of new Set(moves.map(({ to }) => dirname(to)))) await sync(directory)
}

async function sync(path: string): Promise<void> {
  await using file = await open(path)
  await file.sync()
}

async function link(path: string, target: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === target) return
  const candidate = `${path}.new`
  await rm(candidate, { force: true })
  await symlink(target, candidate)
  await rename(candidate, path)
}

async function listLinks(directory: string): Promise<Map<string, string>> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter(entry => entry.isSymbolicLink()).map(entry => entry.name)
  return new Map(await Promise.all(names.map(async name => [name, await readlink(join(directory, name))] as const)))
}
