import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { LunaError } from '../src/errors.ts'
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.ts'

const lockPath = '/run/luna-lab.lock'

interface Holder extends ProcessIdentity {
  command: string
}

/**
 * Runs `work` while no other `luna-lab up` or `down` does on this machine.
 * Throws conflict when one is at work; a lock whose holder was killed is taken over.
 */
export async function withLock<T>(command: string, work: () => Promise<T>): Promise<T> {
  takeLock(command)
  try {
    return await work()
  } finally {
    rmSync(lockPath, { force: true })
  }
}

function takeLock(command: string): void {
  const holder: Holder = { ...identifyProcess(process.pid)!, command }
  for (;;) {
    try {
      writeFileSync(lockPath, JSON.stringify(holder), { flag: 'wx' })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const other = findHolder()
    if (other && isAlive(other))
      throw new LunaError('conflict', `luna-lab ${other.command} (process ${other.pid}) is at work; wait for its end`)
    rmSync(lockPath, { force: true })
  }
}

function findHolder(): Holder | undefined {
  try {
    return JSON.parse(readFileSync(lockPath, 'utf8')) as Holder
  } catch {
    return undefined
  }
}
