import { existsSync } from 'node:fs'
import type { Exec } from '../../src/effects/exec.ts'
import { withLock } from '../lock.ts'
import { refuseLabOfOthers, removeLab } from '../running-lab.ts'
import type { LabSettings } from '../settings.ts'

/** Ends the lab; the image stays for the next one. */
export async function down(exec: Exec, { paths }: LabSettings): Promise<void> {
  refuseLabOfOthers(paths)
  const wasRunning = await withLock('down', () => removeLab(exec, paths))
  const kept = existsSync(paths.image) ? `; the image stays in ${paths.image}` : ''
  process.stdout.write(wasRunning ? `the lab is gone${kept}\n` : 'no lab was running\n')
}
