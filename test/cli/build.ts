import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Builds the programs once for all files of this part, so that what is tested is what is shipped, and as new as its sources. */
export default function build(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'luna-cli-dist-'))
  const dist = join(directory, 'dist')
  execFileSync(process.execPath, [join(import.meta.dirname, '..', '..', 'scripts', 'build.ts'), dist], {
    stdio: 'inherit',
  })
  process.env['LUNA_TEST_BIN'] = join(dist, 'bin')
  return () => rmSync(directory, { recursive: true })
}
