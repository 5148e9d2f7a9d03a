import { chmodSync, chownSync, lchownSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getUser, type User } from './users.ts'

/** Giving up root's rights, for the daemons. */
export interface Privileges {
  /**
   * Becomes the user, who also gets the run directory and what is in it. Nothing happens to a process that is not root's.
   * @throws LunaError notReady when there is no such user
   */
  become(userName: string, runDirectory: string): void
  /** Lets nginx's workers use a socket, and no other user of the head: whoever can use it may speak for any node. */
  shareWithWebServer(socketPath: string): void
}

export const createPrivileges = (): Privileges => ({ become, shareWithWebServer })

function become(userName: string, runDirectory: string): void {
  if (process.getuid?.() !== 0) return
  const user = getUser(userName)
  mkdirSync(runDirectory, { recursive: true, mode: 0o755 })
  for (const name of readdirSync(runDirectory)) giveOwnFile(join(runDirectory, name), user)
  chmodSync(runDirectory, 0o755) // nginx's workers pass through it to the socket
  chownSync(runDirectory, user.uid, user.gid)
  if (user.uid === 0) return
  const webServer = findWebServerGroup()
  // only a member may give files to a group
  process.setgroups!([user.gid, ...(webServer === undefined ? [] : [webServer])])
  process.setgid!(user.gid)
  process.setuid!(user.uid)
}

/** The log and pid file that root has made; a link that the user put there to get at another file stays as it is. */
function giveOwnFile(path: string, { uid, gid }: User): void {
  const found = lstatSync(path)
  if (found.isFile() && found.uid === 0 && found.nlink === 1) lchownSync(path, uid, gid)
}

function shareWithWebServer(socketPath: string): void {
  const group = findWebServerGroup()
  if (group !== undefined) chownSync(socketPath, process.getuid!(), group)
}

/** Group of nginx's workers: what nginx.conf's `user` says, else that of the distributions' usual users. */
function findWebServerGroup(): number | undefined {
  const [, name, group] = /^\s*user\s+([\w-]+)(?:\s+([\w-]+))?\s*;/m.exec(readIfPresent('/etc/nginx/nginx.conf')) ?? []
  if (group) return findId('/etc/group', group, 2)
  return [name, 'nginx', 'www-data']
    .map(user => user && findId('/etc/passwd', user, 3))
    .find(id => typeof id === 'number') as number | undefined
}

function findId(path: string, name: string, field: number): number | undefined {
  const line = readIfPresent(path)
    .split('\n')
    .find(entry => entry.startsWith(`${name}:`))
  return line === undefined ? undefined : Number(line.split(':')[field])
}

function readIfPresent(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
