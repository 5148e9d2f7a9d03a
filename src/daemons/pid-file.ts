import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { LunaError } from '../errors.ts'
import { findProcess, type ProcessIdentity } from './process-identity.ts'

/** The living process that the file names; a file left behind by a killed one counts for nothing. */
export function findRunning(path: string): ProcessIdentity | undefined {
  const named = read(path)
  const found = named && findProcess(named.pid)
  if (!named || found?.startTicks !== named.startTicks) return undefined
  // the directory is the daemons' user's, who must not choose the process that root ends
  return found.uid === 0 || found.uid === statSync(dirname(path)).uid ? named : undefined
}

/**
 * Writes this process into the file, which other programs see whole or not at all.
 * @throws LunaError conflict when the process that it names is alive
 */
export function takePidFile(name: string, path: string): void {
  const own = findProcess(process.pid)!
  const candidate = `${path}.${own.pid}`
  rmSync(candidate, { force: true }) // of a process that had the same number and was killed
  writeFileSync(candidate, `${own.pid}\n${own.startTicks}\n`, { flag: 'wx' })
  try {
    for (;;) {
      const running = findRunning(path)
      if (running) throw new LunaError('conflict', `${name} is running already (process ${running.pid})`)
      rmSync(path, { force: true })
      if (linkIfFree(candidate, path)) return
    }
  } finally {
    rmSync(candidate, { force: true })
  }
}

/** Removes the file if it still names this process. */
export function dropPidFile(path: string): void {
  if (read(path)?.pid === process.pid) rmSync(path, { force: true })
}

function linkIfFree(candidate: string, path: string): boolean {
  try {
    linkSync(candidate, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function read(path: string): ProcessIdentity | undefined {
  try {
    const [pid, startTicks] = readFileSync(path, 'utf8').split('\n')
    return pid && startTicks && /^\d+$/.test(pid) ? { pid: Number(pid), startTicks } : undefined
  } catch {
    return undefined
  }
}
