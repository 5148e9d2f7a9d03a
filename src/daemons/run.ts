import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { showCluster } from '../operations/clusters.ts'
import type { Daemon, DaemonContext } from './control.ts'
import { withFurtherPidFile } from './further-pid-file.ts'
import { dropPidFile, takePidFile } from './pid-file.ts'
import { createPinoLog } from './pino-log.ts'
import { pidFileOf } from './start-stop.ts'

const retryMs = 1000

/** Runs the daemon in the foreground until SIGTERM or SIGINT. As root's, it becomes the cluster's user before it serves. */
export async function runDaemon(daemon: Daemon, config: Config): Promise<number> {
  const log = createPinoLog(daemon.name)
  const ending = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => ending.abort())
  for (const warning of config.warnings) log.warn({}, warning)
  const context = { log, signal: ending.signal, ready: readyOnce(log) }
  mkdirSync(config.runDirectory, { recursive: true, mode: 0o755 })
  const pidFile = pidFileOf(daemon.name, config)
  takePidFile(daemon.name, pidFile)
  try {
    while (!ending.signal.aborted) {
      const luna = await openWhenThere(daemon, config, context)
      if (!luna) continue
      const serve = () => daemon.serve({ luna, ...context })
      await withFurtherPidFile(daemon.name, luna, log, serve).finally(() => luna.close())
    }
    log.info({}, `${daemon.name} ends`)
    return 0
  } finally {
    dropPidFile(pidFile)
  }
}

/** Says it to the log, and to `NAME start` if that is waiting for it. */
function readyOnce(log: DaemonContext['log']): DaemonContext['ready'] {
  return line => {
    log.info({}, line)
    if (process.connected) process.send?.(line, () => process.disconnect?.())
  }
}

/** Waits for a cluster; then opens it as its user. @returns undefined when the daemon is to end before */
async function openWhenThere(
  daemon: Daemon,
  config: Config,
  { signal, ready }: Pick<DaemonContext, 'signal' | 'ready'>,
): Promise<Luna | undefined> {
  let said = false
  while (!signal.aborted) {
    try {
      return await openAsUser(daemon, config)
    } catch (error) {
      if (!(error instanceof LunaError) || error.kind !== 'notReady') throw error
      if (!said) ready(`${daemon.name} is waiting: ${error.message}`)
      said = true
    }
    await sleep(retryMs, undefined, { signal }).catch(() => {})
  }
  return undefined
}

async function openAsUser(daemon: Daemon, config: Config): Promise<Luna> {
  const luna = await daemon.createLuna()
  try {
    luna.privileges.become((await showCluster(luna)).user, config.runDirectory)
  } finally {
    await luna.close() // it was opened by root, perhaps
  }
  return daemon.createLuna()
}
