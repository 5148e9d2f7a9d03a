import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { LunaError } from '../errors.ts'

/**
 * The text from standard input when that is not a terminal, else `present` as changed in the editor.
 * @returns undefined when nothing changed
 * @throws LunaError when the editor fails: nothing is to be stored then
 */
export async function editText(present: string, name: string, editor: string): Promise<string | undefined> {
  const changed = process.stdin.isTTY ? editInEditor(present, name, editor) : await text(process.stdin)
  if (changed.includes('\0')) throw new LunaError('invalid', 'the text holds a NUL character; nothing was changed')
  return changed === present ? undefined : changed
}

function editInEditor(present: string, name: string, editor: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'luna-'))
  const file = join(directory, name)
  try {
    writeFileSync(file, present, { mode: 0o600 })
    // $EDITOR may hold arguments ("emacs -nw"): environ(7) leaves their parsing to the shell, here split at blanks
    const [program, ...args] = editor.trim().split(/\s+/)
    const { status, signal, error } = spawnSync(program!, [...args, file], { stdio: 'inherit' })
    if (error) throw new LunaError('failed', `cannot start the editor "${program}"; set EDITOR`, { cause: error })
    if (status !== 0)
      throw new LunaError(
        'failed',
        `the editor ${signal ? `was ended by ${signal}` : `ended with status ${status}`}; nothing was changed`,
      )
    return readEdited(file)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function readEdited(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new LunaError('failed', 'the editor left no file; nothing was changed', { cause: error })
  }
}
