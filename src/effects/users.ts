import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { LunaError } from '../errors.ts'

export interface User {
  name: string
  uid: number
  gid: number
}

/** Who logged in, though sudo made root of them. */
export const findLoginName = (): string => process.env['SUDO_USER'] ?? process.env['LOGNAME'] ?? ownName()

function ownName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.()}` // it has no name
  }
}

/** The local user of that name (passwd(5)). */
export function getUser(name: string, passwd = '/etc/passwd'): User {
  const line = readFileSync(passwd, 'utf8')
    .split('\n')
    .find(entry => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid !== undefined && gid !== undefined) return { name, uid: Number(uid), gid: Number(gid) }
  throw new LunaError(
    'notReady',
    `there is no user "${name}" for the daemons; run: useradd --system --home-dir /opt/luna --shell /usr/sbin/nologin ${name}`,
  )
}
