import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LunaError } from '../errors.ts'
import { getUser, type User } from './users.ts'

/**
 * Directories and files that root's commands and the daemons' user share. What root makes is given to that user: SQLite gives its
 * -wal and -shm files to the database's owner when root writes (os_unix.c, robustFchown), so the two never lock each other out.
 */
export interface Site {
  /** Makes `boot/`, `torrents/` and `templates/` below the cluster's path. */
  prepareClusterPath(path: string, userName: string): Promise<void>
}

export const createSite = (): Site => ({ prepareClusterPath })

async function prepareClusterPath(path: string, userName: string): Promise<void> {
  const user = getUser(userName)
  try {
    for (const directory of [path, join(path, 'boot'), join(path, 'torrents'), join(path, 'templates')]) {
      const isNew = (await mkdir(directory, { recursive: true })) !== undefined
      if (!isNew) continue
      await chmod(directory, 0o755)
      give(directory, user)
    }
  } catch (error) {
    throw new LunaError('failed', `cannot make the directories below ${path}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** Makes the directory of the database, so that its owner can write there; run before the file is made. */
export function prepareDatabaseDirectory(path: string, user: User): void {
  const directory = dirname(path)
  if (existsSync(directory)) return
  mkdirSync(directory, { recursive: true, mode: 0o750 })
  give(directory, user)
}

/** Gives the database with its companions to the user, who alone may read it: it holds the passwords of BMCs. */
export function giveDatabase(path: string, user: User): void {
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
