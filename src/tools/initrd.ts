import type { InitrdCompression } from '../domain/initrd.ts'
import type { Command } from './command.ts'

/**
 * Levels by this measure: every node loads the whole initrd from the head alone, packing happens once. An initrd of 83 MB on two
 * cores: zstd -15 25.8 MB in 9 s, -17 23.9 MB in 14 s, -19 22.9 MB in 26 s; xz 21.1 MB in 30 s, but nodes unpack that slowly.
 */
const programs: Record<InitrdCompression, readonly [string, ...string[]]> = {
  zstd: ['zstd', '--quiet', '-T0', '-17'],
  // the kernel's decoder knows no other check sum (Linux, Documentation/staging/xz.rst)
  xz: ['xz', '--threads=0', '--check=crc32', '-6'],
  gzip: ['gzip', '--no-name', '-9'],
}

/** Where `compressCommand` leaves its result. */
export const compressedPath = (path: string, compression: InitrdCompression): string =>
  `${path}.${{ zstd: 'zst', xz: 'xz', gzip: 'gz' }[compression]}`

/** Compresses a file beside it. */
export const compressCommand = (path: string, compression: InitrdCompression): Command => ({
  argv: [...programs[compression], '--keep', path],
})

/** Makes the archive with the torrent client that every initrd ends with, from the programs of the head. */
export const clientBundleCommand = (input: {
  dracutModule: string
  output: string
  compression: InitrdCompression
  temporaryDirectory: string
}): Command => ({
  argv: ['bash', `${input.dracutModule}/client-bundle.sh`, input.output, input.compression],
  env: { TMPDIR: input.temporaryDirectory },
})
