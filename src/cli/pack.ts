import { parseHostNames } from '../domain/name.ts'
import type { Luna } from '../luna.ts'
import { onlyFor } from '../operations/canary.ts'
import { packOsimage } from '../operations/pack.ts'
import type { PackWish } from '../operations/pack-plan.ts'
import type { PackProgress } from '../operations/pack-progress.ts'
import { rehearsePack } from '../operations/pack-rehearsal.ts'
import type { Arguments } from './arguments.ts'
import type { Io } from './command.ts'
import { interruptible } from './interruptible.ts'
import { formatBytes, formatDuration } from './print.ts'
import { createProgress, type Progress } from './progress.ts'

/** `luna osimage pack --dry-run` */
async function rehearse(luna: Luna & Required<Pick<Luna, 'tell'>>, io: Io, args: Arguments): Promise<void> {
  for (const warning of await rehearsePack(luna, wishOf(args))) io.warn(warning)
}

const wishOf = (args: Arguments): PackWish => ({
  name: args.subject,
  parts: {
    image: args.has('image'),
    boot: args.has('boot') || args.has('copy_boot'),
    copyBoot: args.has('copy_boot'),
  },
  canary: args.get('canary', parseHostNames),
})

/** `luna osimage pack`: shows how far it is, and on Ctrl-C leaves everything as it was. */
export async function pack(luna: Luna, io: Io, args: Arguments): Promise<void> {
  const wish = wishOf(args)
  if (luna.tell) return rehearse({ ...luna, tell: luna.tell }, io, args)
  const progress = createProgress(io.interactive)
  const startMs = luna.clock()
  try {
    const outcome = await interruptible(signal => packOsimage(luna, { ...wish, signal }, step => show(progress, step)))
    progress.stop()
    for (const warning of outcome.warnings) io.warn(warning)
    const { pack: made } = outcome
    const took = formatDuration(luna.clock() - startMs)
    io.print(
      `${args.subject}: generation ${made.id}, kernel ${made.kernver}, ${formatBytes(made.sizeBytes)}, ${took}${onlyFor(wish.canary)}\n`,
    )
  } finally {
    progress.stop()
  }
}

function show(progress: Progress, { phase, done, total, step }: PackProgress): void {
  if (phase === 'initrd') progress.beside(`initrd: ${step ?? ''}`)
  else progress.update(phase, done, total)
}
