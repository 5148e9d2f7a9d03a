import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Exec } from '../src/effects/exec.ts'
import { LunaError } from '../src/errors.ts'
import type { Command } from '../src/tools/command.ts'
import { headFile } from './paths.ts'
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.ts'

/**
 * The head lives in namespaces of its own: network, mounts, processes and host name. They have no names anywhere; they
 * exist as long as the keeper, their process 1, does, and the kernel takes everything in them away with it. So a
 * lab whose maker was killed is removed by ending one process.
 */
export const keeperCommand = (): Command => ({
  // setsid: Ctrl-C at the terminal must not reach the head.
  argv: [
    ...(['setsid', 'unshare', '--net', '--mount', '--pid', '--uts'] as const),
    ...['--propagation', 'slave', '--fork', headFile('init')],
  ],
  cwd: '/',
})

/** `command` as it is run on the head: in its namespaces and with a root's environment, not that of this process. */
export function onHead(keeper: ProcessIdentity, command: Command): Command {
  const environment = Object.entries({ ...headEnvironment(), ...command.env }).map(
    ([name, value]) => `${name}=${value}`,
  )
  return {
    argv: [
      ...(['nsenter', '--target', `${keeper.pid}`, '--net', '--mount', '--pid', '--uts'] as const),
      ...['env', '-i', `--chdir=${command.cwd ?? '/root'}`, ...environment, ...command.argv],
    ],
    ...(command.input === undefined ? {} : { input: command.input }),
  }
}

/**
 * `command` for at most so many seconds. The clock ticks on the head: ending nsenter from outside would leave what it
 * started in there.
 */
export const withTimeLimit = (seconds: number, command: Command): Command => ({
  ...command,
  argv: ['timeout', '--kill-after=2', `${seconds}`, ...command.argv],
})

function headEnvironment(): Record<string, string> {
  const kept = ['TERM', 'COLUMNS', 'LINES'].flatMap(name => (process.env[name] ? [[name, process.env[name]]] : []))
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    ...Object.fromEntries(kept),
  }
}

/**
 * Starts the keeper. `record` is called with it before it is told to stay: should this process die earlier, the
 * keeper sees the end of its input and goes too, so that there never is one that nobody knows of.
 */
export async function startKeeper(exec: Exec, record: (keeper: ProcessIdentity) => void): Promise<ProcessIdentity> {
  const child = exec.start(keeperCommand(), 'pipe')
  const keeper = identifyProcess(Number(await firstLine(child)))
  if (!keeper)
    throw new LunaError('failed', 'the head needs namespaces of its own: run luna-lab as root, outside of containers')
  record(keeper)
  child.stdin!.end('stay\n')
  child.stdout!.destroy()
  child.stderr!.destroy()
  child.unref()
  return keeper
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  child.on('error', () => {}) // setsid missing: there will be no line
  child.stdin!.on('error', () => {})
  for await (const line of createInterface({ input: child.stdout! })) return line
  return undefined
}

/**
 * Ends everything in the head and returns when the kernel has taken it away: process 1 of a namespace is not gone
 * before all others in it are.
 */
export async function stopKeeper(keeper: ProcessIdentity): Promise<void> {
  if (isAlive(keeper)) process.kill(keeper.pid, 'SIGKILL')
  while (isAlive(keeper)) await delay(20) // not our child: there is nothing to wait on
}
