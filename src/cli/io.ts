import { writeSync } from 'node:fs'
import type { Io } from './command.ts'

/** The command line's own input and output. */
export const createIo = (): Io => ({
  print,
  warn: text => process.stderr.write(`luna: warning: ${text}\n`),
  edit: async (present, name) => (await import('../effects/editor.ts')).editText(present, name),
  interactive: process.stderr.isTTY === true,
})

/** Writes at once and whole, so that nothing is lost when the process ends; a reader that left (`luna ... | head`) is no error. */
function print(text: string): void {
  const bytes = Buffer.from(text)
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(1, bytes, written)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') return
      if (code !== 'EAGAIN') throw error
    }
  }
}
