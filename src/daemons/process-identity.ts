import { readFileSync, statSync } from 'node:fs'

/** A process that can be recognised later: the kernel gives its number to another when it is gone. */
export interface ProcessIdentity {
  pid: number
  /** Clock ticks from the machine's start to the process's (proc_pid_stat(5), field 22). */
  startTicks: string
}

/** Undefined when there is no such process, or only its zombie. */
export function findProcess(pid: number): (ProcessIdentity & { uid: number }) | undefined {
  try {
    // the second field is the program's name in brackets, which may itself hold spaces and brackets
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    if (state === 'Z' || state === 'X') return undefined
    return { pid, startTicks: fields[18]!, uid: statSync(`/proc/${pid}`).uid }
  } catch {
    return undefined
  }
}

export const isAlive = ({ pid, startTicks }: ProcessIdentity): boolean => findProcess(pid)?.startTicks === startTicks
