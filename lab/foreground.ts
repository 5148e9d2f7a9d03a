import { once } from 'node:events'
import { constants } from 'node:os'
import type { Exec } from '../src/effects/exec.ts'
import type { Command } from '../src/tools/command.ts'

/** Runs a command on this terminal, to which Ctrl-C then belongs. @returns its exit status, as a shell counts it */
export async function runInForeground(exec: Exec, command: Command): Promise<number> {
  const ignore = () => {}
  process.on('SIGINT', ignore)
  try {
    const child = exec.start(command, 'inherit')
    const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return status ?? 128 + constants.signals[signal!]
  } finally {
    process.off('SIGINT', ignore)
  }
}
