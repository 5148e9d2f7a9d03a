import { parseObjectName } from '../domain/name.ts'
import { cloneOsimage } from '../operations/clone-osimage.ts'
import { parsePath } from './arguments.ts'
import type { Action } from './command.ts'
import { interruptible } from './interruptible.ts'
import { formatDuration } from './print.ts'
import { createProgress } from './progress.ts'

/** `450 files/s` */
export const formatFileRate = (perSecond: number): string => `${perSecond.toFixed(0)} files/s`

export const cloneOsimageAction: Action = {
  name: 'clone',
  summary: 'make another like it, with a copy of its directory',
  subject: 'NAME',
  options: [
    { flags: '-t, --to', value: 'NEW', help: "the new osimage's name", required: true },
    { flags: '-p, --path', value: 'DIR', help: 'its directory, which is not there yet', required: true },
  ],
  async run({ luna, io }, args) {
    const name = args.subject
    const newName = args.need('to', text => parseObjectName('an osimage', text))
    const path = args.need('path', parsePath)
    const one = await luna()
    const startMs = one.clock()
    const progress = createProgress(io.interactive, formatFileRate)
    try {
      const report = (done: number, total: number) => progress.update('copy', done, total)
      await interruptible(signal => cloneOsimage(one, { name, newName, path, signal }, report))
    } finally {
      progress.stop()
    }
    if (!one.tell) io.print(`${newName}: ${path}, a clone of ${name}, ${formatDuration(one.clock() - startMs)}\n`)
  },
}
