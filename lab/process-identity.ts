import { readFileSync } from 'node:fs'

/**
 * A process that can be recognised later. A pid alone comes back: the kernel hands it out again after the process is
 * gone, so it is kept together with the time it started (proc(5), field 22) and the boot of the machine.
 */
export interface ProcessIdentity {
  pid: number
  startTicks: string
  bootId: string
}

export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startTicks = findStartTicks(pid)
  return startTicks === undefined ? undefined : { pid, startTicks, bootId: bootId() }
}

export const isAlive = (process: ProcessIdentity): boolean =>
  process.bootId === bootId() && findStartTicks(process.pid) === process.startTicks

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

/** Undefined for a zombie too: it only waits for its parent and holds nothing. */
function findStartTicks(pid: number): string | undefined {
  try {
    // The second field is the program's name in brackets, and may itself hold spaces and brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
