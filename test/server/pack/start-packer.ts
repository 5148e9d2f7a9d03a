import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { PackProgress } from '../../../src/operations/pack-progress.ts'
import type { PackSite } from './site.ts'

/** Starts a pack in another process and waits until it reports the phase. */
export async function startPacker(site: PackSite, parts: 'image' | 'boot' | 'all', phase: PackProgress['phase']) {
  const packer = spawn(process.execPath, [join(import.meta.dirname, 'packer.ts'), site.directory, parts])
  const lines = createInterface({ input: packer.stdout })
  packer.stderr.setEncoding('utf8')
  let said = ''
  packer.stderr.on('data', text => {
    said += text
  })
  const exited = once(packer, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  for await (const line of lines) if ((JSON.parse(line) as PackProgress).phase === phase) break
  packer.stdout.resume()
  return { packer, exited, said: () => said }
}

/** For what the kernel does in its own time, such as ending processes that are not our children. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 20))
}
