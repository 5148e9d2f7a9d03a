import type { Command } from './command.ts'

/** Exit status of `flockCommand` when somebody else has the lock (sysexits.h: EX_TEMPFAIL). */
export const lockedStatus = 75

/**
 * Takes the lock on a file, made when missing, and holds it until the end of standard input, which comes when whoever holds the
 * other end of the pipe dies, too. Repeats each line of its input, which shows that it has the lock. It waits a second: a holder
 * that was killed needs a moment to go.
 */
export const flockCommand = (path: string): Command => ({
  argv: ['flock', '--exclusive', '--timeout', '1', '--conflict-exit-code', `${lockedStatus}`, '--no-fork', path, 'cat'],
})
