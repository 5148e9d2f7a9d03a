import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LunaError } from '../errors.ts'
import type { Command } from '../tools/command.ts'
import { CommandError, type Exec } from './exec.ts'

export interface Replacement {
  path: string
  content: string
  /** Permission bits; those of the file that is replaced, else 0644. */
  mode?: number
  /** The real server's own checker, on the candidate's path. When it refuses, the old file stays. */
  check?: (candidate: string) => Command
  /** What of the checker's standard error is worth showing; all of it unless said. */
  complaint?: (stderr: string) => string
  /** What must succeed between the checker's yes and the renaming: the write to the store that the file stands for. */
  accepted?: () => Promise<void>
}

/** Configuration files. Everything else about files is node:fs in the effect that needs it. */
export interface Files {
  /** The text, or undefined when there is no such file. */
  read(path: string): Promise<string | undefined>
  /** Writes beside, checks, then renames, so that a reader sees the old or the new file whole. */
  replace(replacement: Replacement): Promise<void>
}

export const createFiles = (exec: Exec): Files => ({
  read,
  replace: replacement => replace(exec, replacement),
})

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new LunaError('failed', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

async function replace(exec: Exec, replacement: Replacement): Promise<void> {
  const { path, content, mode, check, accepted } = replacement
  // in the same directory: rename(2) is atomic there, and AppArmor lets the checker read where its server reads
  const candidate = join(dirname(path), `.${basename(path)}.luna-${randomBytes(4).toString('hex')}`)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeDurably(candidate, content, mode ?? (await modeOf(path)) ?? 0o644)
    if (check) await accept(exec, check(candidate), replacement)
    await accepted?.()
    await rename(candidate, path)
  } catch (error) {
    if (error instanceof LunaError) throw error
    throw new LunaError('failed', `cannot write ${path}: ${(error as Error).message}`, { cause: error })
  } finally {
    await rm(candidate, { force: true })
  }
}

async function accept(exec: Exec, command: Command, { path, complaint }: Replacement): Promise<void> {
  try {
    await exec.run(command)
  } catch (error) {
    if (!(error instanceof CommandError) || error.status === undefined) throw error
    const { argv } = command
    throw new LunaError('failed', `${argv[0]} refuses the new ${path}; the old one stays`, {
      cause: error,
      detail: (complaint?.(error.stderr) ?? error.stderr).trimEnd(),
    })
  }
}

async function writeDurably(path: string, content: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.chmod(mode) // open(2) applies the umask
    await file.sync()
  } finally {
    await file.close()
  }
}

async function modeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found && found.mode & 0o7777
}

/** Gives a directory (made when missing) or file to a user by numbers, with these permission bits. */
export async function giveTo(path: string, owner: { uid: number; gid: number }, mode: number): Promise<void> {
  await chmod(path, mode)
  await chown(path, owner.uid, owner.gid)
}
