import type { Command } from './command.ts'

/** A program that holds a lock. */
export interface LockProgram {
  /** Its exit status when somebody else has the lock. */
  lockedStatus: number
  /**
   * Takes the lock on a file, made when missing, and holds it until the end of standard input, which comes when whoever holds the
   * other end of the pipe dies, too. Repeats each line of its input, which shows that it has the lock.
   */
  commandFor(path: string): Command
}

/** sysexits.h: EX_TEMPFAIL */
const lockedStatus = 75

/** flock(1). It waits a second: a holder that was killed needs a moment to go. */
export const flock: LockProgram = {
  lockedStatus,
  commandFor: path => ({
    argv: [
      'flock',
      '--exclusive',
      '--timeout',
      '1',
      '--conflict-exit-code',
      `${lockedStatus}`,
      '--no-fork',
      path,
      'cat',
    ],
  }),
}
