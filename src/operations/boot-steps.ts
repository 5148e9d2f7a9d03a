import type { InstallEvent } from '../domain/node.ts'
import { forgetOldEvents, insertEvents } from '../store/boots.ts'
import type { Tx } from '../store/store.ts'

/** Events of one boot that are kept: a node that fails again and again must not fill the disk. */
const eventsKept = 200

type Step = Pick<InstallEvent, 'step' | 'atMs'> & Partial<InstallEvent> & { nodeId: number; bootId: number }

/** Records that a step of a boot begins. */
export async function recordStep(tx: Tx, step: Step): Promise<void> {
  await recordFirstSteps(tx, [step])
  await forgetOldEvents(tx, step.bootId, eventsKept)
}

/** The same for boots that have just been made, which have nothing to forget. */
export async function recordFirstSteps(tx: Tx, steps: readonly Step[]): Promise<void> {
  const unsaid = {
    message: undefined,
    uptimeS: undefined,
    fromHeadBytes: undefined,
    fromPeersBytes: undefined,
    fromWebBytes: undefined,
  }
  await insertEvents(
    tx,
    steps.map(step => ({ ...unsaid, ...step })),
  )
}
