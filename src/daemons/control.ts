import { readConfig } from '../config.ts'
import { exitStatusOf, LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import type { Log } from './log.ts'
import { runDaemon } from './run.ts'
import { startDaemon, statusOfDaemon, stopDaemon } from './start-stop.ts'

/** A program that runs until it is told to end. */
export interface Daemon {
  name: string
  createLuna(): Promise<Luna>
  /** Returns when told to end, or to be called again with what it needs opened afresh. */
  serve(context: DaemonContext): Promise<void>
}

export interface DaemonContext {
  luna: Luna
  log: Log
  /** Aborted when the daemon is to end. */
  signal: AbortSignal
  /** To be called, with one line for whoever started the daemon, once it serves. */
  ready(line: string): void
}

/** `lweb start|stop|restart|status|run`; @returns the exit status. */
export async function controlDaemon(daemon: Daemon, argv: readonly string[]): Promise<number> {
  const actions: Record<string, () => Promise<number>> = {
    start: () => startDaemon(daemon.name, readConfig()),
    stop: () => stopDaemon(daemon.name, readConfig()),
    restart: async () => (await stopDaemon(daemon.name, readConfig())) || startDaemon(daemon.name, readConfig()),
    status: () => statusOfDaemon(daemon.name, readConfig()),
    run: () => runDaemon(daemon, readConfig()),
  }
  const [action = '', ...rest] = argv
  if (action === '-h' || action === '--help') return say(usage(daemon.name))
  try {
    const act = Object.hasOwn(actions, action) ? actions[action] : undefined
    if (!act || rest.length > 0) throw new LunaError('usage', usage(daemon.name))
    return await act()
  } catch (error) {
    if (!(error instanceof LunaError)) throw error
    process.stderr.write(`${daemon.name}: ${error.message}\n${error.detail ? `${error.detail}\n` : ''}`)
    return exitStatusOf(error)
  }
}

const usage = (name: string): string =>
  `usage: ${name} start|stop|restart|status, or ${name} run to stay in the foreground (systemd)`

function say(line: string): number {
  process.stdout.write(`${line}\n`)
  return 0
}
