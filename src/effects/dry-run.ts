import { existsSync } from 'node:fs'
import { readlink } from 'node:fs/promises'
import type { Tell } from '../domain/dry-run.ts'
import type { Exec } from './exec.ts'
import type { PackFiles } from './pack-files.ts'

/** Programs that only look are run; of the others it is told that they would be. */
export const createDryExec = (exec: Exec, tell: Tell): Exec => ({
  run: async (command, options) => {
    if (command.reads) return exec.run(command, options)
    tell({ kind: 'run', argv: command.argv })
    return { stdout: '', stderr: '' }
  },
  start: ({ argv }) => {
    throw new Error(`${argv[0]} would have to be started for this, and it is a dry run`)
  },
})

/** Looks, and tells of directories and files that would be made or removed; nothing that packs comes as far as the rest. */
export function createDryPackFiles(files: PackFiles, tell: Tell): PackFiles {
  const each = (paths: readonly string[], are: 'there' | 'missing', verb: string) => {
    for (const path of paths)
      if (existsSync(path) === (are === 'there')) tell({ kind: 'act', words: `${verb} ${path}` })
  }
  const never = async (): Promise<never> => {
    throw new Error('a file would have to be made for this, and it is a dry run')
  }
  return {
    ...files,
    makeDirectories: async paths => each(paths, 'missing', 'make the directory'),
    remove: async paths => each(paths, 'there', 'remove'),
    makeEmpty: never,
    write: never,
    copy: never,
    sync: never,
    join: never,
    publish: never,
    move: never,
    link: async (path, target) => {
      if ((await readlink(path).catch(() => undefined)) !== target)
        tell({ kind: 'act', words: `point ${path} to ${target}` })
    },
  }
}
