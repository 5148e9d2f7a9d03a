import { once } from 'node:events'
import { unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { LunaError } from '../errors.ts'

/** Socket that its owner and group can talk to, and root. */
const umask = 0o117

/**
 * Lets a server listen on a unix socket. The socket that a killed process left behind is replaced.
 * @throws LunaError conflict when a living process answers there
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (await isAnswered(path)) throw new LunaError('conflict', `another process listens on ${path}; stop it first`)
  await unlink(path).catch(error => {
    if (error.code !== 'ENOENT') throw refused(path, error)
  })
  const before = process.umask(umask)
  try {
    server.listen(path)
    await once(server, 'listening')
  } catch (error) {
    throw refused(path, error as Error)
  } finally {
    process.umask(before)
  }
}

const refused = (path: string, cause: Error): LunaError =>
  new LunaError('failed', `cannot listen on ${path}: ${cause.message}`, { cause })

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false // nothing there, or nobody behind it (ECONNREFUSED)
  } finally {
    socket.destroy()
  }
}
