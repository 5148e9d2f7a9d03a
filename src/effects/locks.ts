import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LunaError } from '../errors.ts'
import type { LockProgram } from '../tools/flock.ts'
import type { Exec } from './exec.ts'
import { findLoginName } from './users.ts'

export interface LockHolder {
  pid: number
  sinceMs: number
  /** Who logged in, though sudo made root of them. */
  user: string
  /** What it has the lock for; may be empty. */
  purpose: string
}

export interface Lock {
  release(): Promise<void>
}

/** Locks that end with the process that has them, however it ends. */
export interface Locks {
  /** Takes the lock on the file, made when missing with its directory; else says who has it. */
  acquire(path: string, sinceMs: number, purpose?: string): Promise<Lock | { heldBy: LockHolder | undefined }>
}

export const createLocks = (exec: Exec, program: LockProgram): Locks => ({
  acquire: (path, sinceMs, purpose = '') =>
    acquire(exec, program, path, {
      mark: () => writeFile(path, [process.pid, sinceMs, findLoginName(), purpose].join('\t')),
    }),
})

/** For a dry run: fails where the lock is taken, and leaves no trace. */
export const createDryLocks = (exec: Exec, program: LockProgram): Locks => ({
  acquire: async path =>
    existsSync(path) ? acquire(exec, program, path, { mark: async () => {} }) : { release: async () => {} },
})

async function acquire(
  exec: Exec,
  program: LockProgram,
  path: string,
  { mark }: { mark: () => Promise<void> },
): ReturnType<Locks['acquire']> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const child = exec.start(program.commandFor(path), 'pipe')
  const exited = once(child, 'exit') as Promise<[number | null]>
  child.stdin!.on('error', () => {}) // EPIPE: it has gone, and `exited` says why
  child.stdin!.write('locked\n')
  const status = await Promise.race([once(child.stdout!, 'data').then(() => 'locked' as const), exited])
  if (status !== 'locked') {
    if (status[0] === program.lockedStatus) return { heldBy: await readHolder(path) }
    throw new LunaError('failed', `cannot lock ${path}: flock ended with status ${status[0]}`)
  }
  await mark()
  return {
    release: async () => {
      child.stdin!.end()
      await exited
    },
  }
}

async function readHolder(path: string): Promise<LockHolder | undefined> {
  const [pid, sinceMs, user, purpose] = (await readFile(path, 'utf8')).trimEnd().split('\t')
  if (user === undefined) return undefined // it has the lock for a moment before it writes
  return { pid: Number(pid), sinceMs: Number(sinceMs), user, purpose: purpose ?? '' }
}
