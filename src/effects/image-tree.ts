import type { Stats } from 'node:fs'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { compareKernelVersions } from '../domain/kernel-version.ts'

/**
 * Reads in the directory tree of an image. Paths are the image's own (`/etc/os-release`), and links are followed as the
 * image would follow them when it was the root, never out to the head's files.
 */
export interface ImageTree {
  /** Whether the path is a directory on the head. */
  isDirectory(root: string): Promise<boolean>
  /** Versions of the kernels that have modules and a kernel file, newest last; none when there is no such tree. */
  findKernels(root: string): Promise<string[]>
  /** The head's path of that kernel's file, links followed. */
  findKernelFile(root: string, version: string): Promise<string | undefined>
  /** The image's own path of the initrd that was made in it for that kernel. */
  findInitrdFile(root: string, version: string): Promise<string | undefined>
  /** The text of a file; undefined when there is none. */
  read(root: string, path: string): Promise<string | undefined>
  /** The head's path of the file or directory, links followed; undefined when there is none. */
  find(root: string, path: string): Promise<string | undefined>
  /** Those of the paths that are there; the last name may be a link that leads nowhere. */
  findPresent(root: string, paths: readonly string[]): Promise<Set<string>>
  /** Names in a directory, in their order of bytes; none when it is not there. */
  list(root: string, path: string): Promise<string[]>
}

export const createImageTree = (): ImageTree => ({
  isDirectory: async root => (await lstatIfThere(`${root}/.`))?.isDirectory() ?? false,
  findKernels,
  findKernelFile,
  findInitrdFile,
  read,
  find,
  findPresent,
  list,
})

async function findKernels(root: string): Promise<string[]> {
  const versions = await list(root, '/lib/modules')
  const files = await Promise.all(versions.map(version => findKernelFile(root, version)))
  return versions.filter((_, index) => files[index] !== undefined).sort(compareKernelVersions)
}

/** Debian and older EL have the kernel in /boot alone; EL 8+, Fedora and SUSE have it beside its modules. */
async function findKernelFile(root: string, version: string): Promise<string | undefined> {
  for (const path of [`/boot/vmlinuz-${version}`, `/lib/modules/${version}/vmlinuz`]) {
    const found = await find(root, path)
    if (found !== undefined && (await lstat(found)).isFile()) return found
  }
  return undefined
}

/** EL and Fedora, Debian, SUSE. */
async function findInitrdFile(root: string, version: string): Promise<string | undefined> {
  const paths = [`/boot/initramfs-${version}.img`, `/boot/initrd.img-${version}`, `/boot/initrd-${version}`]
  const present = await Promise.all(paths.map(path => find(root, path)))
  return paths.find((_, index) => present[index] !== undefined)
}

async function read(root: string, path: string): Promise<string | undefined> {
  const found = await find(root, path)
  if (found === undefined || !(await lstat(found)).isFile()) return undefined
  return await readFile(found, 'utf8')
}

async function findPresent(root: string, paths: readonly string[]): Promise<Set<string>> {
  const present = await Promise.all(
    paths.map(async path => {
      const directory = await find(root, dirname(path))
      return directory !== undefined && (await lstatIfThere(join(directory, basename(path)))) !== undefined
    }),
  )
  return new Set(paths.filter((_, index) => present[index]))
}

async function list(root: string, path: string): Promise<string[]> {
  const found = await find(root, path)
  if (found === undefined || !(await lstat(found)).isDirectory()) return []
  return (await readdir(found)).sort()
}

/** As many links as Linux follows in one path (path_resolution(7)). */
const maxLinks = 40

async function find(root: string, path: string): Promise<string | undefined> {
  const names = path.split('/')
  const resolved: string[] = []
  let links = 0
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      resolved.pop()
      continue
    }
    const here = join(root, ...resolved, name)
    const stats = await lstatIfThere(here)
    if (!stats) return undefined
    if (!stats.isSymbolicLink()) {
      resolved.push(name)
      continue
    }
    if (++links > maxLinks) return undefined
    const target = await readlink(here)
    if (target.startsWith('/')) resolved.length = 0
    names.unshift(...target.split('/'))
  }
  return join(root, ...resolved)
}

async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
