import { once } from 'node:events'
import { createServer } from 'node:net'
import { LunaError } from '../errors.ts'

export interface PortRange {
  min: number
  max: number
}

/**
 * Takes a TCP port of the range on which nobody listens, in IPv4 or IPv6.
 * @param preferred where to begin looking: added to the lowest, modulo the range
 * @param taken ports that are spoken for though nobody may listen there yet; the one found is added
 * @throws LunaError when there is none
 */
export async function takeFreePort(range: PortRange, preferred: number, taken: Set<number>): Promise<number> {
  const count = range.max - range.min + 1
  for (let offset = 0; offset < count; offset++) {
    const port = range.min + ((preferred + offset) % count)
    if (taken.has(port)) continue
    taken.add(port)
    if (await isFree(port)) return port
    taken.delete(port)
  }
  throw new LunaError(
    'failed',
    `no TCP port from ${range.min} to ${range.max} is free for the seeder; give it more: ` +
      'luna cluster change --torrent_listen_port_max PORT',
  )
}

/** A socket on :: takes IPv4 with it; a machine without IPv6 says so by another error than EADDRINUSE. */
async function isFree(port: number): Promise<boolean> {
  const error = await tryListen('::', port)
  return error === 'EAFNOSUPPORT' || error === 'EADDRNOTAVAIL' ? !(await tryListen('0.0.0.0', port)) : !error
}

/** @returns the error's code, or undefined when it worked */
async function tryListen(host: string, port: number): Promise<string | undefined> {
  const server = createServer()
  try {
    server.listen({ host, port })
    await once(server, 'listening')
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  } finally {
    await new Promise<void>(resolve => server.close(() => resolve()))
  }
}
