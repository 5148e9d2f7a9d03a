import { writeSync } from 'node:fs'
import { LunaError } from '../errors.ts'
import type { Io } from './command.ts'

/** The command line's own input and output; `edit` is the effect that asks somebody for a text. */
export const createIo = (edit: Io['edit']): Io => ({
  print: text => write(1, text),
  complain: text => write(2, text),
  warn: text => write(2, `luna: warning: ${text}\n`),
  edit: onceFromPipe(edit),
  interactive: process.stderr.isTTY === true,
})

/** Standard input that is no terminal can be read once: a second text would silently become empty. */
function onceFromPipe(edit: Io['edit']): Io['edit'] {
  let asked = false
  return async (present, name) => {
    if (asked && !process.stdin.isTTY)
      throw new LunaError('usage', 'standard input holds one text, and several were asked for; change one at a time')
    asked = true
    return edit(present, name)
  }
}

/** Writes at once and whole, so that nothing is lost when the process ends; a reader that left (`luna ... | head`) is no error. */
export function write(file: 1 | 2, text: string): void {
  const bytes = Buffer.from(text)
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(file, bytes, written)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') return
      if (code !== 'EAGAIN') throw new LunaError('failed', `cannot write the output: ${message}`, { cause: error })
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5) // a pipe that somebody made non-blocking is full
    }
  }
}
