import type { Command } from './command.ts'

/** The same program, told to end when this process dies: for those that clean up after themselves. */
export const toldToEnd = (command: Command): Command => ({
  ...command,
  argv: ['setpriv', '--pdeathsig', 'TERM', ...command.argv],
})

/**
 * The same program, tied to this process: when this process dies, however it dies, the kernel kills the program and whatever it
 * started, and unmounts what was mounted in `mounts: true`. The program is process 1 of a PID namespace (pid_namespaces(7)), whose
 * end is the end of all others in it; unshare is its parent outside, and setpriv has unshare killed with us
 * (PR_SET_PDEATHSIG(2const)). unshare lets no SIGTERM through while it waits: end it with SIGKILL.
 */
export function tied(command: Command, options: { mounts?: boolean } = {}): Command {
  const namespaces = options.mounts ? (['--mount', '--propagation', 'private'] as const) : []
  return {
    ...command,
    argv: [
      ...(['setpriv', '--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child'] as const),
      ...namespaces,
      ...command.argv,
    ],
  }
}
