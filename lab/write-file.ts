import type { Command } from '../src/tools/command.ts'

/** Writes a file with the directories above it: install(1) takes its text from standard input. */
export const writeFile = (path: string, text: string, mode = '644'): Command => ({
  argv: ['install', '-D', '-m', mode, '/dev/stdin', path],
  input: text,
})
