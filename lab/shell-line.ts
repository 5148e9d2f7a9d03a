import type { Command } from '../src/tools/command.ts'

/** A command as a person would type it, for showing only. */
export const shellLine = ({ argv }: Command): string => argv.map(quote).join(' ')

const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : word.includes("'") ? `"${word.replace(/["$`\\]/g, '\\$&')}"` : `'${word}'`
