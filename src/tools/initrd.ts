import type { InitrdCompression } from '../domain/initrd.ts'
import type { Command } from './command.ts'

/**
 * Levels by this measure, of a Debian initrd and the client, 101 MB, in seconds of one core: zstd -9 33.0 MB in 3.1 s; with a window that
 * reaches from one copy of a library to the other (128 MB, the most that the kernel takes: Linux, lib/decompress_unzstd.c) -9 29.8 in 3,
 * -12 29.1 in 8, -19 25.9 in 71; xz is a tenth smaller than that, and nodes unpack it slowly.
 */
const programs: Record<InitrdCompression, readonly [string, ...string[]]> = {
  zstd: ['zstd', '--quiet', '-T0', '-12', '--long=27'],
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

/** How it ends when no client is built for the image's machine. */
export const lacksClientStatus = 3

/** Makes the archive with the torrent client that every initrd ends with, from the programs of the head. */
export const clientBundleCommand = (input: {
  dracutModule: string
  output: string
  compression: InitrdCompression | 'cat'
  temporaryDirectory: string
  /** Of the image, to tell for which machine it is. */
  program: string | undefined
}): Command => ({
  argv: [
    'bash',
    `${input.dracutModule}/client-bundle.sh`,
    input.output,
    input.compression,
    ...(input.program === undefined ? [] : [input.program]),
  ],
  env: { TMPDIR: input.temporaryDirectory },
})
