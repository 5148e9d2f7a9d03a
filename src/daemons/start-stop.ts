import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { LunaError } from '../errors.ts'
import { findRunning } from './pid-file.ts'
import { isAlive, type ProcessIdentity } from './process-identity.ts'

export const pidFileOf = (name: string, { runDirectory }: Pick<Config, 'runDirectory'>): string =>
  join(runDirectory, `${name}.pid`)

/** As long as a daemon gets to end its work before it is killed. */
const stopPatienceMs = 15_000
const pollMs = 50
/** LSB, "Init Script Actions": the program is not running. */
const notRunning = 3

/** Starts the daemon in the background; returns when it serves. Its log is RUNDIR/NAME.log, the one before NAME.log.1. */
export async function startDaemon(name: string, config: Config): Promise<number> {
  const running = findRunning(pidFileOf(name, config))
  if (running) return say(`${name} is running already (process ${running.pid})`)
  const logPath = join(config.runDirectory, `${name}.log`)
  const log = openLog(config.runDirectory, logPath)
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, 'run'], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  const line = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => undefined)])
  if (line === undefined) throw new LunaError('failed', `${name} did not start`, { detail: lastLines(logPath) })
  child.disconnect()
  child.unref()
  return say(`${line[0]} (log: ${logPath})`)
}

function openLog(runDirectory: string, path: string): number {
  try {
    mkdirSync(runDirectory, { recursive: true, mode: 0o755 })
    try {
      renameSync(path, `${path}.1`)
    } catch {}
    // the directory belongs to the daemons' user, who must not choose what root writes to
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o640)
  } catch (error) {
    throw new LunaError('failed', `cannot write ${path}: ${(error as Error).message}`, { cause: error })
  }
}

const lastLines = (path: string): string => readFileSync(path, 'utf8').trimEnd().split('\n').slice(-10).join('\n')

export async function stopDaemon(name: string, config: Config): Promise<number> {
  const running = findRunning(pidFileOf(name, config))
  if (!running) return say(`${name} is not running`)
  signal(name, running, 'SIGTERM')
  if (!(await isGone(running, stopPatienceMs))) {
    signal(name, running, 'SIGKILL')
    await isGone(running, stopPatienceMs)
  }
  return say(`${name} is stopped`)
}

function signal(name: string, { pid }: ProcessIdentity, how: NodeJS.Signals): void {
  try {
    process.kill(pid, how)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EPERM') throw new LunaError('forbidden', `${name} (process ${pid}) is another user's; run it as root`)
    if (code !== 'ESRCH') throw error
  }
}

/** It is not a child of ours: there is nothing to wait on. */
async function isGone(process: ProcessIdentity, patienceMs: number): Promise<boolean> {
  for (const deadlineMs = Date.now() + patienceMs; isAlive(process); await sleep(pollMs))
    if (Date.now() > deadlineMs) return false
  return true
}

export async function statusOfDaemon(name: string, config: Config): Promise<number> {
  const running = findRunning(pidFileOf(name, config))
  say(running ? `${name} is running (process ${running.pid})` : `${name} is not running`)
  return running ? 0 : notRunning
}

function say(line: string): 0 {
  process.stdout.write(`${line}\n`)
  return 0
}
