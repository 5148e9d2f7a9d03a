import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, open, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Tell } from '../domain/dry-run.ts'
import { LunaError } from '../errors.ts'
import type { Command } from '../tools/command.ts'
import { CommandError, type Exec } from './exec.ts'

export interface Replacement {
  path: string
  content: string
  /** Permission bits; those of the file that is replaced, else 0644. Its owner and group are kept, too. */
  mode?: number
  /** The real server's own checker, on the candidate's path. When it refuses, the old file stays. */
  check?: (candidate: string) => Command
  /** What of the checker's words is worth showing; all of it unless said. */
  complaint?: (said: string) => string
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

/** With `tell`, a dry run: checks the new file as well, but leaves the old one in its place. */
export const createFiles = (exec: Exec, tell?: Tell): Files => ({
  read,
  replace: replacement => (tell ? rehearse(exec, replacement, tell) : replace(exec, replacement)),
})

export async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new LunaError('failed', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

const replace = (exec: Exec, replacement: Replacement): Promise<void> =>
  withCandidate(exec, replacement, candidate => rename(candidate, replacement.path))

async function rehearse(exec: Exec, replacement: Replacement, tell: Tell): Promise<void> {
  const { path, content } = replacement
  const made = await mkdir(dirname(path), { recursive: true })
  try {
    await withCandidate(exec, replacement, async () => {
      const before = await read(path)
      if (before === content) return
      tell({ kind: 'change', before: describe(path, before), after: describe(path, content) })
    })
  } finally {
    if (made !== undefined) await removeEmpty(dirname(path), made)
  }
}

export const describe = (title: string, text: string | undefined) => (text === undefined ? undefined : { title, text })

/** Removes directories from the innermost to the outermost. */
export async function removeEmpty(inner: string, outer: string): Promise<void> {
  await rmdir(inner)
  if (inner !== outer) await removeEmpty(dirname(inner), outer)
}

/** Writes the new file beside the old one, has it checked and accepted, and leaves no trace of it but what `use` makes of it. */
async function withCandidate(
  exec: Exec,
  replacement: Replacement,
  use: (candidate: string) => Promise<void>,
): Promise<void> {
  const { path, content, mode, check, accepted } = replacement
  // in the same directory: rename(2) is atomic there, and AppArmor lets the checker read where its server reads
  const candidate = join(dirname(path), `.${basename(path)}.luna-${randomBytes(4).toString('hex')}`)
  try {
    await mkdir(dirname(path), { recursive: true })
    const present = await stat(path).catch(() => undefined)
    await writeDurably(candidate, content, mode ?? (present && present.mode & 0o7777) ?? 0o644)
    // /etc/kea/kea-dhcp4.conf is root's and of a group that no one else reads
    if (present) await chown(candidate, present.uid, present.gid)
    if (check) await accept(exec, check(candidate), replacement)
    await accepted?.()
    await use(candidate)
  } catch (error) {
    if (error instanceof LunaError) throw error
    throw new LunaError('failed', `cannot write ${path}: ${(error as Error).message}`, { cause: error })
  } finally {
    await rm(candidate, { force: true })
  }
}

async function accept(exec: Exec, command: Command, { path, complaint }: Replacement): Promise<void> {
  const said: string[] = []
  const hear = (line: string) => said.push(`${line}\n`)
  try {
    await exec.run(command, { onStdoutLine: hear, onStderrLine: hear })
  } catch (error) {
    if (!(error instanceof CommandError) || error.status === undefined) throw error
    const { argv } = command
    throw new LunaError('failed', `${argv[0]} refuses the new ${path}; the old one stays`, {
      cause: error,
      detail: (complaint?.(said.join('')) ?? said.join('')).trimEnd(),
    })
  }
}

export async function writeDurably(path: string, content: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.chmod(mode) // open(2) applies the umask
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Gives a directory (made when missing) or file to a user by numbers, with these permission bits. */
export async function giveTo(path: string, owner: { uid: number; gid: number }, mode: number): Promise<void> {
  await chmod(path, mode)
  await chown(path, owner.uid, owner.gid)
}
