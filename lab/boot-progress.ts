import type { NodeView } from './luna-json.ts'
import type { LabNode } from './state.ts'

/** How far a machine is on its way to a login. */
export interface BootProgress {
  node: LabNode
  poweredOnMs: number
  /** Epoch milliseconds of the first login that found what it should; undefined until then. */
  loggedInMs: number | undefined
  /** Why it will not become a node any more, or what a login found wrong. */
  trouble: string | undefined
  view: NodeView | undefined
}

/**
 * The step of its present boot: before it has asked the head for anything it is with its firmware, whatever an
 * earlier boot came to.
 */
export function stepOf({ view, poweredOnMs, loggedInMs }: BootProgress): string {
  if (loggedInMs !== undefined) return 'up'
  if (!view?.status || view.status.at_ms < poweredOnMs) return 'power-on'
  return view.status.step
}

export const isDone = ({ loggedInMs, trouble }: BootProgress): boolean =>
  loggedInMs !== undefined || trouble !== undefined
