import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Reads examples/NAME.txt: a line is an input, or `input => expected`. Lines with # at their start are comments; an input in double
 * quotes is a JSON string, for what could not be seen otherwise.
 */
export function readExamples(name: string): { input: string; expected: string }[] {
  const lines = readFileSync(join(import.meta.dirname, 'examples', `${name}.txt`), 'utf8').split('\n')
  return lines
    .filter(line => line.trim() !== '' && !line.startsWith('#'))
    .map(line => {
      const [left, right] = line.split(' => ')
      const input = left!.startsWith('"') ? (JSON.parse(left!) as string) : left!
      return { input, expected: right ?? input }
    })
}
