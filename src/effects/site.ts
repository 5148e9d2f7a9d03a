import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DatabaseUrl } from '../domain/database-url.ts'
import { LunaError } from '../errors.ts'
import { getUser, type User } from './users.ts'

/**
 * Directories and files that root's commands and the daemons' user share. What root makes is given to that user: SQLite gives its
 * -wal and -shm files to the database's owner when root writes (os_unix.c, robustFchown), so the two never lock each other out.
 */
export interface Site {
  /** Makes `boot/`, `torrents/` and `templates/` below the cluster's path and gives them, and the database, to the user. */
  prepareCluster(path: string, userName: string): Promise<void>
}

export const createSite = (database: DatabaseUrl): Site => ({
  async prepareCluster(path, userName) {
    const user = getUser(userName)
    if (database.kind === 'sqlite') checkWritable(dirname(database.path), user)
    for (const directory of clusterDirectories(path)) {
      const isNew = makeDirectory(directory, 0o755)
      if (isNew || directory !== path) give(directory, user)
    }
    if (database.kind === 'sqlite') giveDatabase(database.path, user)
  },
})

export const clusterDirectories = (path: string): string[] => [
  path,
  ...['boot', 'torrents', 'templates'].map(name => join(path, name)),
]

/** Makes the directory of the database, so that its owner can write there; run before the file is made. */
export function prepareDatabaseDirectory(path: string, user: User): void {
  const directory = dirname(path)
  if (makeDirectory(directory, 0o750)) give(directory, user)
}

/** SQLite makes -wal and -shm beside the database whenever the first opens it, and that may be a daemon. */
export function checkWritable(directory: string, { name, uid, gid }: User): void {
  if (process.getuid?.() !== 0 || uid === 0) return
  const { mode, ...owner } = statSync(directory)
  if (mode & (owner.uid === uid ? 0o200 : owner.gid === gid ? 0o020 : 0o002)) return
  throw new LunaError(
    'notReady',
    `${name} could not write in ${directory}, beside the database; run: chown ${name} ${directory}`,
  )
}

/** Makes what is missing on the way to it, open to all whatever the umask. @returns whether it was missing itself */
function makeDirectory(directory: string, mode: number): boolean {
  if (existsSync(directory)) return false
  try {
    makeDirectory(dirname(directory), 0o755)
    mkdirSync(directory)
    chmodSync(directory, mode)
    return true
  } catch (error) {
    if (error instanceof LunaError) throw error
    throw directoryNotMade(directory, error)
  }
}

export const directoryNotMade = (directory: string, cause: unknown): LunaError =>
  new LunaError('failed', `cannot make the directory ${directory}: ${(cause as Error).message}`, { cause })

/** Gives the database with its companions to the user, who alone may read it: it holds the passwords of BMCs. */
function giveDatabase(path: string, user: User): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`])
    if (existsSync(file)) {
      chmodSync(file, 0o600)
      give(file, user)
    }
}

/** Only root may give things away; another user keeps what it makes. */
function give(path: string, { uid, gid }: User): void {
  if (process.getuid?.() === 0) chownSync(path, uid, gid)
}
