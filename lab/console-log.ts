import { existsSync, readFileSync } from 'node:fs'

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const escapeSequence = /\x1b(\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>c])/g

/** The end of what a machine said on its console, without the codes that move cursors. */
export const lastConsoleLines = (path: string, count: number): string[] =>
  existsSync(path) ? plainLines(readFileSync(path, 'utf8')).slice(-count) : []

export const plainLines = (text: string): string[] =>
  text
    .replace(escapeSequence, '')
    .split(/[\r\n]+/)
    .filter(line => line.trim() !== '')
