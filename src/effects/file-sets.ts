import { chmod, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Tell } from '../domain/dry-run.ts'
import { LunaError } from '../errors.ts'
import type { Command } from '../tools/command.ts'
import { describe, type Files, read, removeEmpty, writeDurably } from './files.ts'

/** Files of one directory that are named by one file elsewhere. */
export interface FileSet {
  directory: string
  parts: readonly { name: string; content: string }[]
  /** The file that names them: `contentFor` the directory that they are in. */
  main: { path: string; contentFor: (directory: string) => string }
  /** The real server's own checker, on a `main` that names candidates. When it refuses, everything stays as it was. */
  check: (candidate: string) => Command
  complaint: (said: string) => string
  /** What must succeed between the checker's yes and the first renaming. */
  accepted: () => Promise<void>
  /** Files of the directory that go when `main` names them no more. */
  obsolete: readonly string[]
}

/** Configuration in several files. One process at a time may use a directory. */
export interface FileSets {
  /** Name and text of the directory's files that end so; none when there is no directory. */
  read(directory: string, ending: string): Promise<Map<string, string>>
  /**
   * Replaces what differs, each file by a rename, and `main` after the others. Whoever is killed in between leaves files that the
   * old `main` or the new one names, all of them accepted.
   */
  replace(set: FileSet): Promise<void>
}

/** With `tell`, a dry run: has the new files checked as well, but leaves the old ones in their place. */
export const createFileSets = (files: Files, tell?: Tell): FileSets => ({
  read: (directory, ending) => explained('read', directory, () => readEnding(directory, ending)),
  replace: set => explained('write in', set.directory, () => replace(files, set, tell)),
})

async function explained<T>(what: string, directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LunaError) throw error
    throw new LunaError('failed', `cannot ${what} ${directory}: ${(error as Error).message}`, { cause: error })
  }
}

/** Below the directory itself: rename(2) works there, AppArmor lets the server read it, and SELinux labels it alike. */
const candidateDirectory = '.luna-candidate'

async function readEnding(directory: string, ending: string): Promise<Map<string, string>> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const wanted = names.filter(name => name.endsWith(ending))
  const texts = await Promise.all(wanted.map(name => readFile(join(directory, name), 'utf8')))
  return new Map(wanted.map((name, index) => [name, texts[index]!]))
}

async function replace(files: Files, set: FileSet, tell: Tell | undefined): Promise<void> {
  const { directory, main } = set
  const candidates = join(directory, candidateDirectory)
  const candidateMain = join(candidates, basename(main.path))
  await rm(candidates, { recursive: true, force: true }) // of one that was killed
  const made = await makeDirectory(candidates)
  try {
    for (const { name, content } of set.parts) await writeDurably(join(candidates, name), content, 0o644)
    await writeDurably(candidateMain, main.contentFor(candidates), 0o644)
    await files.replace({
      path: main.path,
      content: main.contentFor(directory),
      check: () => set.check(candidateMain),
      complaint: set.complaint,
      accepted: async () => {
        await set.accepted()
        for (const part of set.parts) await moveIfChanged(part, candidates, directory, tell)
        if (!tell) await syncDirectory(directory)
      },
    })
    for (const name of set.obsolete) await remove(join(directory, name), tell)
  } finally {
    await rm(candidates, { recursive: true, force: true })
    // what was refused, or only rehearsed, leaves no directory behind; one with files in it stays by itself
    if (made !== undefined && made !== candidates) await removeEmpty(directory, made).catch(() => {})
  }
}

/** Open to the server's user, whatever the umask of the one who runs the command. @returns the outermost that was missing */
async function makeDirectory(directory: string): Promise<string | undefined> {
  const made = await mkdir(directory, { recursive: true })
  if (made === undefined) return undefined
  for (let path = directory; path.length >= made.length; path = dirname(path)) await chmod(path, 0o755)
  return made
}

/** A server loads a file again when its time has changed. */
async function moveIfChanged(
  { name, content }: FileSet['parts'][number],
  from: string,
  to: string,
  tell: Tell | undefined,
): Promise<void> {
  const path = join(to, name)
  const before = await read(path)
  if (before === content) return
  if (tell) tell({ kind: 'change', before: describe(path, before), after: describe(path, content) })
  else await rename(join(from, name), path)
}

async function remove(path: string, tell: Tell | undefined): Promise<void> {
  if (tell) tell({ kind: 'change', before: describe(path, await read(path)), after: undefined })
  else await rm(path, { force: true })
}

/** So that no power failure leaves `main` naming files that are not there yet. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
