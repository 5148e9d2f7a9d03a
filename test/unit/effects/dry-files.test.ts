import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Intention } from '../../../src/domain/dry-run.ts'
import { createExec } from '../../../src/effects/exec.ts'
import { createFiles } from '../../../src/effects/files.ts'
import { scratchDirectory } from '../../scratch.ts'

function rehearsal() {
  const told: Intention[] = []
  return { told, files: createFiles(createExec(), one => told.push(one)) }
}

test('a file stays as it is, and the change is told after the checker has seen it', async () => {
  const directory = scratchDirectory()
  const path = join(directory, 'a.conf')
  writeFileSync(path, 'old\n')
  const { told, files } = rehearsal()
  const check = (candidate: string) => ({ argv: ['grep', '-q', 'new', candidate] as const })
  await files.replace({ path, content: 'new\n', check })
  expect(told).toEqual([
    { kind: 'change', before: { title: path, text: 'old\n' }, after: { title: path, text: 'new\n' } },
  ])
  const refused = files.replace({ path, content: 'other\n', check })
  await expect(refused).rejects.toThrow(`grep refuses the new ${path}; the old one stays`)
  expect([told.length, readdirSync(directory), readFileSync(path, 'utf8')]).toEqual([1, ['a.conf'], 'old\n'])
})

test('directories that were made for the checker go again', async () => {
  const directory = scratchDirectory()
  const { told, files } = rehearsal()
  const path = join(directory, 'a', 'b', 'zone')
  await files.replace({ path, content: 'new\n' })
  expect(told).toEqual([{ kind: 'change', before: undefined, after: { title: path, text: 'new\n' } }])
  expect(readdirSync(directory)).toEqual([])
})

test('a file that is so already is not told of', async () => {
  const path = join(scratchDirectory(), 'a')
  writeFileSync(path, 'same\n')
  const { told, files } = rehearsal()
  await files.replace({ path, content: 'same\n' })
  expect(told).toEqual([])
})
