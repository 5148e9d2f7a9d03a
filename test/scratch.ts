import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openStore, type Store } from '../src/store/store.ts'

/** A directory that goes when the test ends. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'luna-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** An empty store of the running test, on a real file. */
export async function scratchStore(path = join(scratchDirectory(), 'luna.db'), options = {}): Promise<Store> {
  const store = await openStore(path, { create: true, ...options })
  onTestFinished(() => store.close())
  return store
}
