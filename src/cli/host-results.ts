import { foldNodes } from '../domain/power.ts'
import { LunaError } from '../errors.ts'

/** A machine and what is to be said of it. */
type Said = readonly (readonly [host: string, words: string])[]

/** Machines of which the same is to be said, in one line. */
export const foldedLines = (said: Said): string[] => foldNodes(said).map(([hostlist, words]) => `${hostlist}: ${words}`)

/** @throws LunaError failed when there is any */
export function refuseFailures(failed: Said, total: number): void {
  if (failed.length === 0) return
  throw new LunaError('failed', `${failed.length} of ${total} failed:`, { detail: foldedLines(failed).join('\n') })
}
