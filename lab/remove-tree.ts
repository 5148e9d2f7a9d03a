import type { Exec } from '../src/effects/exec.ts'

/** Removes trees, never crossing into a file system mounted below them. */
export async function removeTree(exec: Exec, ...paths: readonly string[]): Promise<void> {
  await exec.run({ argv: ['rm', '-rf', '--one-file-system', '--', ...paths] })
}
