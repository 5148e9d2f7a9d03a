import { parseSshHost } from '../domain/ssh-host.ts'
import { grabOsimage } from '../operations/grab-osimage.ts'
import type { Action } from './command.ts'
import { interruptible } from './interruptible.ts'
import { formatFileRate } from './osimage-clone.ts'
import { formatDuration, printable } from './print.ts'
import { createProgress } from './progress.ts'

export const grabOsimageAction: Action = {
  name: 'grab',
  summary: "make one's directory what a running host has, by rsync over ssh as root",
  subject: 'NAME',
  dryRunFlags: '-d, --dry-run',
  options: [
    { flags: '-H, --host', value: 'HOST', help: 'the host: a node, or any other machine', required: true },
    { flags: '-v, --verbose', help: 'print what changes' },
  ],
  async run({ luna, io }, args) {
    const [name, host] = [args.subject, args.need('host', parseSshHost)]
    const one = await luna()
    const showsLines = args.has('verbose') || one.tell !== undefined
    const showsProgress = io.interactive && !showsLines
    const progress = createProgress(showsProgress, formatFileRate)
    const startMs = one.clock()
    try {
      const { made, deleted, warnings } = await interruptible(signal =>
        grabOsimage(one, { name, host, signal, progress: showsProgress }, line => {
          if (line.kind === 'progress') progress.update('grab', line.done, line.total)
          else if (showsLines) io.print(printable(`${line.words}\n`))
        }),
      )
      progress.stop()
      for (const warning of warnings) io.warn(warning)
      const counts = `${made} new or changed, ${deleted} deleted`
      if (!one.tell) io.print(`${name}: ${counts}, from ${host}, ${formatDuration(one.clock() - startMs)}\n`)
    } finally {
      progress.stop()
    }
  },
}
