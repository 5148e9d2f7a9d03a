import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { LunaError } from '../errors.ts'
import type { Command } from '../tools/command.ts'

/** How many of a failed program's last lines are kept for the message. */
const tailLines = 20

export interface RunOptions {
  /** Called with each line of standard error as it comes (progress of tar, dracut ...). What it answers true to is not kept. */
  onStderrLine?: OnLine
  onStdoutLine?: OnLine
  /** Ends the program when aborted. */
  signal?: AbortSignal
  /** What ends it, SIGTERM unless told. */
  stopSignal?: NodeJS.Signals
  timeoutMs?: number
}

type OnLine = (line: string) => unknown

export interface CommandResult {
  stdout: string
  stderr: string
}

/** A program that ended with another status than 0, was killed or could not be started. */
export class CommandError extends LunaError {
  readonly command: Command
  /** Exit status; undefined when a signal ended it or it never started. */
  readonly status: number | undefined
  readonly stderr: string

  constructor(command: Command, status: number | undefined, reason: string, stderr: string, cause?: unknown) {
    super('failed', `${command.argv[0]} ${reason}`, { cause, detail: stderr.trimEnd() })
    this.command = command
    this.status = status
    this.stderr = stderr
  }
}

/** Runs programs. Everything Luna does to the machine by other programs goes through here. */
export interface Exec {
  /** Runs to the end; throws CommandError unless it exits 0. */
  run(command: Command, options?: RunOptions): Promise<CommandResult>
  /** Starts and returns the child, for those that live as long as their parent wants. */
  start(command: Command, stdio?: 'pipe' | 'inherit' | 'ignore'): ChildProcess
}

export function createExec(): Exec {
  return { run, start }
}

function start(command: Command, stdio: 'pipe' | 'inherit' | 'ignore' = 'pipe'): ChildProcess {
  const [program, ...args] = command.argv
  return spawn(program, args, { cwd: command.cwd, env: { ...process.env, ...command.env }, stdio })
}

async function run(command: Command, options: RunOptions = {}): Promise<CommandResult> {
  const child = start(command)
  const stop = () => child.kill(options.stopSignal ?? 'SIGTERM')
  options.signal?.addEventListener('abort', stop)
  if (options.signal?.aborted) stop()
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(stop, options.timeoutMs)
  const stdout = collect(child.stdout!, options.onStdoutLine)
  const stderr = collect(child.stderr!, options.onStderrLine)
  child.stdin!.on('error', () => {}) // EPIPE: a program need not read its input
  child.stdin!.end(command.input ?? '')
  try {
    const [status, signal] = await ended(child, command)
    letGo(child)
    const result = { stdout: await stdout, stderr: await stderr }
    if (status === 0) return result
    const reason = signal ? `was ended by ${signal}` : `ended with status ${status}`
    throw new CommandError(command, status ?? undefined, reason, lastLines(result.stderr || result.stdout))
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', stop)
  }
}

/** How long output may still come after the end: what is in the pipes, not what a daemon left behind may ever say. */
const lastOutputMs = 1000

/** A daemon that the program started may hold its pipes open for ever. */
function letGo(child: ChildProcess): void {
  const timer = setTimeout(() => {
    child.stdout!.destroy()
    child.stderr!.destroy()
  }, lastOutputMs)
  // it may have closed before now: open pipes keep this process waiting, the timer alone must not
  timer.unref()
  child.once('close', () => clearTimeout(timer))
}

async function ended(child: ChildProcess, command: Command): Promise<[number | null, NodeJS.Signals | null]> {
  try {
    return (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const advice = command.package === undefined ? '' : `; install ${command.package}`
    const reason = missing ? `is not installed${advice}` : 'could not be started'
    throw new CommandError(command, undefined, reason, '', error)
  }
}

async function collect(stream: NodeJS.ReadableStream, onLine?: OnLine): Promise<string> {
  const lines: string[] = []
  const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  stream.once('close', () => reader.close()) // of itself it ends with the stream's end only, not when that is destroyed
  for await (const line of reader) {
    if (onLine?.(line) !== true) lines.push(line)
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-tailLines).join('\n')
