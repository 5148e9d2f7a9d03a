import type { Exec } from '../../src/effects/exec.ts'
import { ensureImage, ensureKey } from '../image.ts'
import { withLock } from '../lock.ts'
import { createScreen } from '../screen.ts'
import type { LabSettings } from '../settings.ts'

/** Makes the lab's image, or keeps the one that is there: for whoever wants the image alone. */
export async function image(exec: Exec, { paths }: LabSettings): Promise<void> {
  await withLock('image', async () => ensureImage(exec, paths, createScreen(), await ensureKey(exec, paths)))
}
