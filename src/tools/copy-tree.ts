import type { Command } from './command.ts'

/**
 * Copies a file system tree to where nothing is yet: as shared extents where the file system can, with its holes and hard links, in an
 * instant or at the disk's speed. It says a line for each thing that it has copied. What is mounted below the tree stays out.
 */
export const copyTreeCommand = (from: string, to: string): Command => ({
  argv: [
    'cp',
    '--recursive',
    '--no-dereference',
    '--one-file-system',
    '--no-target-directory',
    '--reflink=auto',
    '--sparse=auto',
    // named, they must succeed: --archive is silent about attributes that it loses. SELinux labels come as any other attribute.
    '--preserve=mode,ownership,timestamps,links,xattr',
    '--verbose',
    '--',
    from,
    to,
  ],
  env: { LC_ALL: 'C' },
})

/** Whether a line of it tells of something copied, and not of trouble. */
export const isCopiedLine = (line: string): boolean => !line.startsWith('cp: ')

/** How many things are in a tree, for how far the copy is. */
export const countTreeCommand = (root: string): Command => ({
  argv: ['du', '--inodes', '--count-links', '--summarize', '--one-file-system', root],
})

/** The number in `countTreeCommand`'s only line. */
export const parseTreeCount = (stdout: string): number => Number.parseInt(stdout, 10)

/** Returns when the file system of the path has everything on the disk. */
export const syncFileSystemCommand = (path: string): Command => ({ argv: ['sync', '--file-system', path] })
