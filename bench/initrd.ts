/**
 * Sizes of kernel and initrd that `luna osimage pack` makes: of the lab's image with Debian's cloud kernel, of the same with the generic kernel
 * and its drivers of real hardware, and with drivers that a site names (goal: 20 MB together). Needs root, and the lab's image (make lab).
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const { status } = spawnSync(
  'unshare',
  ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', join(import.meta.dirname, 'initrd-sizes')],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      LUNA: join(import.meta.dirname, '..', 'dist', 'bin', 'luna'),
      IMAGE: join(process.env['LUNA_LAB_DIR'] ?? '/var/cache/luna-lab', 'image'),
    },
  },
)
process.exitCode = status ?? 1
