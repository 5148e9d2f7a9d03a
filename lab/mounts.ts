import { join } from 'node:path'
import type { Command } from '../src/tools/command.ts'

/** Directories of which the head sees the machine's files and keeps its own changes. */
const overlaid = ['/etc', '/usr/local', '/var/lib']
/** Directories that are empty on a fresh head. */
const replaced = ['/opt', '/srv', '/root', '/tmp']

const upper = (head: string, directory: string): string => join(head, 'changes', directory)
const work = (head: string, directory: string): string => join(head, 'work', directory)
const own = (head: string, directory: string): string => join(head, 'own', directory)

/**
 * Where a file of the head is to be put before its mounts are there, as seen from the real machine's tree: the
 * repository and the image may themselves lie in a directory that the mounts will cover.
 */
export function beforeMounts(head: string, path: string): string {
  const inOverlay = overlaid.some(directory => path.startsWith(`${directory}/`))
  return inOverlay ? upper(head, path) : own(head, path)
}

export const makeHeadDirectories = (head: string): Command => ({
  argv: [
    ...(['mkdir', '-p'] as const),
    ...overlaid.flatMap(directory => [upper(head, directory), work(head, directory)]),
    ...replaced.map(directory => own(head, directory)),
  ],
})

/** Memory under everything that the head writes, for a machine whose own file system cannot hold overlays. */
export const mountMemory = (head: string): Command => mount('tmpfs', 'tmpfs', head, 'mode=755')

/** The commands that give the head its own version of the covered directories; to be run in its mount namespace. */
export const coverDirectories = (head: string, logs: string): Command[] => [
  ...overlaid.map(directory => overlay(directory, head)),
  // rbind: the image is mounted below /opt by now.
  ...replaced.map(directory => ({ argv: ['mount', '--rbind', own(head, directory), directory] as const })),
  { argv: ['mount', '--bind', logs, '/var/log'] },
  mount('tmpfs', 'tmpfs', '/run', 'mode=755'),
  // A new network namespace wants a new /sys, which otherwise shows the real machine's interfaces.
  mount('sysfs', 'sysfs', '/sys'),
]

/** `source` as `target` and read-only: whoever changes the image fails. */
export const bindReadOnly = (source: string, target: string): Command[] => [
  { argv: ['mkdir', '-p', target] },
  { argv: ['mount', '--bind', source, target] },
  { argv: ['mount', '-o', 'remount,bind,ro', target] },
]

const overlay = (directory: string, head: string): Command =>
  mount(
    'overlay',
    'overlay',
    directory,
    `lowerdir=${directory},upperdir=${upper(head, directory)},workdir=${work(head, directory)}`,
  )

const mount = (type: string, source: string, target: string, options?: string): Command => ({
  argv: ['mount', '-t', type, ...(options === undefined ? [] : ['-o', options]), source, target],
})
