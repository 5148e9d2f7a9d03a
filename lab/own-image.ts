import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LunaError } from '../src/errors.ts'

/** Throws invalid unless the tree looks like an operating system. Whether nodes can boot it is for Luna to say. */
export function checkOwnImage(directory: string): void {
  if (!existsSync(join(directory, 'etc', 'os-release')) && !existsSync(join(directory, 'usr', 'lib', 'os-release')))
    throw new LunaError('invalid', `${directory} is not the tree of an operating system: it has no os-release`)
}
