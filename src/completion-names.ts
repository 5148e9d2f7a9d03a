import { readConfig } from './config.ts'
import { peekNames } from './store/peek.ts'

/** Names of the objects of a kind, for whoever waits for the Tab key: none when they cannot be read. */
export function readCompletionNames(kind: string): string[] {
  const { database } = readConfig()
  return database.kind === 'sqlite' ? peekNames(database.path, kind) : []
}
