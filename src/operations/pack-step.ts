import type { CommandError, CommandResult, RunOptions } from '../effects/exec.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import type { Command } from '../tools/command.ts'

/** How many of its last words are shown when a program fails. */
const linesShown = 15

export interface PackStep {
  /** For the message: `tar`. */
  name: string
  /** Tied to this process (tools/tied.ts), so that SIGKILL ends it with all that it started. */
  command: Command
  signal: AbortSignal
  /** What ends it; SIGKILL unless told. */
  stopSignal?: NodeJS.Signals
  /** Looks at each line of what the program says; true takes it out of what is shown when it fails. */
  take?: (line: string) => boolean
  /** The message of another exit status than 0; a general one when it has none. */
  explain?: (status: number) => string | undefined
}

/** Runs a program. @throws LunaError with one line and the program's last words */
export async function runPackStep({ exec }: Pick<Luna, 'exec'>, step: PackStep): Promise<CommandResult> {
  const words: string[] = []
  const listen = (line: string) => step.take?.(line) || void words.push(line)
  const options: RunOptions = {
    signal: step.signal,
    stopSignal: step.stopSignal ?? 'SIGKILL',
    onStderrLine: listen,
    onStdoutLine: listen,
  }
  try {
    return await exec.run(step.command, options)
  } catch (error) {
    const { status, message } = error as CommandError
    const ending = /was ended by SIG\w+/.exec(message)?.[0] // out of memory, say
    if (status === undefined && ending === undefined) throw error
    const said = status === undefined ? `${step.name} ${ending}` : (step.explain?.(status) ?? saidOf(step.name, status))
    throw new LunaError('failed', said, { cause: error, detail: words.slice(-linesShown).join('\n') })
  }
}

/** 127 is what unshare(1), chroot(1) and shells say of a program that is not there. */
const saidOf = (name: string, status: number): string =>
  status === 127 ? `${name} is not installed` : `${name} failed (exit status ${status})`

const spaceErrors = new Set(['ENOSPC', 'EDQUOT'])
const spaceWords = /No space left on device|Disk quota exceeded/

export interface LongWork {
  /** `packing osimage "compute"` */
  doing: string
  /** What would have come of it: `a new pack of osimage "compute"`. */
  result: string
  /** Where that takes space. */
  path: string
  interrupted: boolean
}

/** What an administrator needs to know of whatever stopped work that leaves everything as it was. */
export function explainFailure(error: unknown, { doing, result, path, interrupted }: LongWork): unknown {
  const failed = (message: string) => new LunaError('failed', message, { cause: error })
  if (interrupted) return failed(`${doing} was interrupted; nothing was changed`)
  const { code, message } = error as NodeJS.ErrnoException
  if (spaceErrors.has(code ?? '') || (error instanceof LunaError && spaceWords.test(error.detail ?? '')))
    return failed(`no space is left in ${path} for ${result}; nothing was changed`)
  if (error instanceof LunaError || code === undefined) return error
  return failed(`${doing} failed: ${message}`)
}
