import { existsSync, readFileSync } from 'node:fs'

/** Ticks of proc(5) are 10 ms on every Linux that Node runs on. */
const tickMs = 10

/** User and system time that a process has used until now, with that of its children that have ended. */
export function cpuMsOf(pid: number): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '')
  const times = afterName.split(' ').slice(11, 15) // fields 14 to 17 of proc_pid_stat(5)
  return times.reduce((sum, ticks) => sum + Number(ticks), 0) * tickMs
}

/** The same, with that of children that still run. */
export function cpuMsOfTree(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').slice(0, -1)
  return [pid, ...children.map(Number)].reduce((sum, one) => sum + (existsSync(`/proc/${one}`) ? cpuMsOf(one) : 0), 0)
}

/** The share of the machine's time since the call that it was not idle, whoever used it: this machine's programs or its host's others. */
export function watchMachine(): () => number {
  const read = () => {
    const [line] = readFileSync('/proc/stat', 'latin1').split('\n', 1)
    // user nice system idle iowait irq softirq steal; what follows is part of user (proc_stat(5))
    const times = line!.split(/ +/).slice(1, 9).map(Number)
    return { all: times.reduce((sum, ticks) => sum + ticks, 0), idle: times[3]! + times[4]! }
  }
  const before = read()
  return () => {
    const now = read()
    return 1 - (now.idle - before.idle) / (now.all - before.all)
  }
}
