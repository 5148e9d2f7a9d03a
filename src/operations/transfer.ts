import type { CommandError } from '../effects/exec.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import type { Command } from '../tools/command.ts'
import { explainRsync } from '../tools/rsync.ts'
import { toldToEnd } from '../tools/tied.ts'
import { parseTransferLine, type TransferLine } from '../tools/tree-transfer.ts'
import { runPackStep } from './pack-step.ts'

/** Runs an rsync with another machine. Told to end, it takes away what it has half of. */
export async function runTransfer(
  { exec }: Pick<Luna, 'exec'>,
  { command, host, signal }: { command: Command; host: string; signal: AbortSignal },
  report: (line: TransferLine) => void,
): Promise<void> {
  const take = (line: string): boolean => {
    const told = parseTransferLine(line)
    if (told) report(told)
    return told !== undefined
  }
  const explain = (status: number) => `rsync failed (exit status ${status})`
  const step = { name: 'rsync', explain, command: toldToEnd(command), signal, stopSignal: 'SIGTERM' as const, take }
  try {
    await runPackStep({ exec }, step)
  } catch (error) {
    throw explainTransfer(error, host)
  }
}

export function explainTransfer(error: unknown, host: string): unknown {
  if (!(error instanceof LunaError)) return error
  const { message, detail } = error
  const cause = error.cause as CommandError | undefined
  const reason = explainRsync(cause?.status, detail ?? '', host)
  return new LunaError('failed', `${message} with ${host}${reason ? `: ${reason}` : ''}`, {
    cause,
    ...(detail && { detail }),
  })
}
