import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const directory = join(dirname(fileURLToPath(import.meta.url)), 'golden')

/** Compares a whole artefact with test/golden/NAME; `UPDATE_GOLDEN=1` writes it instead, for `git diff` to show. */
export function expectGolden(name: string, text: string): void {
  const path = join(directory, name)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  expect(text, `${path} (UPDATE_GOLDEN=1 writes it)`).toBe(readFileSync(path, 'utf8'))
}
