import type { Command } from './command.ts'

/** tar(1)'s records, of which its checkpoints count the written ones: 20 blocks of 512 bytes unless told otherwise. */
const blocksPerRecord = 128
const recordBytes = blocksPerRecord * 512
const recordsPerCheckpoint = 64

/**
 * Packs a whole file system tree, and of it everything that makes it what it is: numeric owners, ACLs, SELinux labels, all extended
 * attributes (capabilities are one), hard links, holes, modification times below the second. What is mounted below it stays out, and
 * reading it leaves no access times behind. Compressed by zstd on all cores.
 *
 * zstd's level 3, of a Debian tree of 338 MB on two cores: level 1 107 MB in 0.9 s, level 3 97 MB in 0.9 s, 5 93 MB in 1.5 s,
 * 9 86 MB in 3.7 s. Beyond 3 packing takes four times as long for a tenth of the download.
 */
export const packTreeCommand = (input: { root: string; tarball: string }): Command => ({
  argv: [
    'tar',
    '--create',
    `--file=${input.tarball}`,
    `--directory=${input.root}`,
    '--use-compress-program=zstd -T0 -3',
    `--blocking-factor=${blocksPerRecord}`,
    `--checkpoint=${recordsPerCheckpoint}`,
    '--checkpoint-action=echo=checkpoint %u',
    '--one-file-system',
    '--atime-preserve=system',
    '--format=posix',
    // the times of reading and of inode changes say nothing on another machine, and cost 1 KiB a file
    '--pax-option=delete=atime,delete=ctime',
    '--numeric-owner',
    '--acls',
    '--selinux',
    '--xattrs',
    '--xattrs-include=*',
    '--sparse',
    '.',
  ],
  env: { LC_ALL: 'C' }, // its messages are read below
})

/** Bytes of the archive, before compression, at a line of standard error that is a checkpoint. */
export function parseCheckpoint(line: string): number | undefined {
  const record = /^tar: checkpoint (\d+)$/.exec(line)?.[1]
  return record === undefined ? undefined : Number(record) * recordBytes
}

/** A line that is no trouble: sockets belong to the program that listens on them, and have no content. */
export const isSocketNotice = (line: string): boolean => line.endsWith(': socket ignored')

/** Exit status of tar when files changed or went away while it read them; 2 is everything worse. */
export const changedStatus = 1

/** Space on disk that a tree takes, mounts below it left out: what tar will roughly read. */
export const treeSizeCommand = (root: string): Command => ({
  argv: ['du', '--one-file-system', '--summarize', '--block-size=1', root],
})

/** Bytes in `du --summarize`'s only line. */
export const parseTreeSize = (stdout: string): number | undefined => {
  const bytes = Number.parseInt(stdout, 10)
  return Number.isNaN(bytes) ? undefined : bytes
}
