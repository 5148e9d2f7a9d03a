import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { parseDatabaseUrl } from '../src/domain/database-url.ts'
import { openStore, type Store } from '../src/store/store.ts'
import { createMigratedDatabase, createTestDatabase } from './database.ts'

/** A directory that goes when the test ends. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'luna-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Where the running test may keep a cluster, as url of luna.conf; nothing is there yet. */
export function scratchDatabase(directory = scratchDirectory()): string {
  const { url, drop } = createTestDatabase(directory)
  onTestFinished(drop)
  return url
}

/** An empty store of the running test, in a real database; where `url` says, if it says so. */
export async function scratchStore(url?: string, options = {}): Promise<Store> {
  const store = await openStore(parseDatabaseUrl(url ?? (await migrated())), { create: true, ...options })
  onTestFinished(() => store.close())
  return store
}

async function migrated(): Promise<string> {
  const { url, drop } = await createMigratedDatabase(scratchDirectory())
  onTestFinished(drop)
  return url
}
