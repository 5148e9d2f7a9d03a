import { readConfig } from './config.ts'
import { peekNames } from './store/peek.ts'

/** Names of the objects of a kind, for whoever waits for the Tab key: none when they cannot be read. */
export async function readCompletionNames(kind: string): Promise<string[]> {
  const { database } = readConfig()
  if (database.kind === 'sqlite') return peekNames(database.path, kind)
  return (await import('./store/list-names.ts')).listNames(database, kind)
}
