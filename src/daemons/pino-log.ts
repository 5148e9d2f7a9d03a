import { writeSync } from 'node:fs'
import pino from 'pino'
import { isUnderJournal } from '../config.ts'
import type { Log } from './log.ts'

/** pino's levels as syslog(3) numbers them: journald takes a line's level from such a prefix (sd-daemon(3)). */
const priorities: Record<number, number> = { 30: 6, 40: 4, 50: 3 }
const words: Record<number, string> = { 30: 'info', 40: 'warning', 50: 'error' }

/** Logs to standard error: JSON lines, with levels for the journal, and for people on a terminal. */
export function createPinoLog(name: string): Log {
  const format = process.stderr.isTTY ? forPeople : isUnderJournal() ? forJournal : (line: string) => line
  const base = { name }
  const timestamp = pino.stdTimeFunctions.isoTime
  return pino({ base, timestamp }, { write: line => writeQuietly(format(line)) })
}

/** A log that cannot be written must not end the daemon (a terminal gone, a full disk). */
function writeQuietly(line: string): void {
  try {
    writeSync(2, line)
  } catch {}
}

const forJournal = (line: string): string => `<${priorities[levelOf(line)] ?? 6}>${line}`
const levelOf = (line: string): number => Number(/^\{"level":(\d+)/.exec(line)?.[1])

function forPeople(line: string): string {
  const { level, time, name, msg, err, ...fields } = JSON.parse(line)
  const rest = Object.entries(fields).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${time.slice(11, 19)} ${name} ${words[level] ?? level}: ${msg}${rest.join('')}${err ? `\n${err.stack}` : ''}\n`
}
