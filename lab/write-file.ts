import { dirname } from 'node:path'
import type { Command } from '../src/tools/command.ts'

/** Writes a file with the directories above it. */
export const writeFile = (path: string, text: string, mode = '644'): Command[] => [
  { argv: ['mkdir', '-p', dirname(path)] },
  { argv: ['rm', '-f', path] }, // a link would be followed out of the head
  // Not `install /dev/stdin`: the standard input that Node gives is a socket, which cannot be opened by name.
  { argv: ['tee', path], input: text },
  { argv: ['chmod', mode, path] },
]
