import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface BadLine {
  file: string
  /** As it stands in the file. */
  text: string
  words: string[]
  /** Undefined where the file does not say it yet. */
  expected: { status: number; message: string } | undefined
}

const directory = import.meta.dirname

export const readTables = (): BadLine[] =>
  globSync('*.txt', { cwd: directory })
    .sort()
    .flatMap(file =>
      readFileSync(join(directory, file), 'utf8')
        .split('\n')
        .filter(line => line !== '' && !line.startsWith('#'))
        .map(line => readLine(file, line)),
    )

function readLine(file: string, text: string): BadLine {
  const [, command = text, status, message] = /^(.*) \| (\d) \| (.*)$/.exec(text) ?? []
  const [program, ...words] = splitWords(command)
  if (program !== 'luna') throw new Error(`${file}: a line must begin with luna: ${text}`)
  return { file, text, words, expected: message ? { status: Number(status), message } : undefined }
}

/** 'as it stands', "with\nescapes", {x*64}, and what has no blank in it. */
export const splitWords = (command: string): string[] =>
  [...command.matchAll(/(?:'[^']*'(?=\s|$)|"(?:[^"\\]|\\.)*"(?=\s|$)|\S+)/g)].map(([word]) => {
    if (/^'.*'$/s.test(word)) return word.slice(1, -1)
    if (/^".*"$/s.test(word)) return JSON.parse(word) as string
    return word.replace(/\{(.+?)\*(\d+)\}/g, (_, part: string, count: string) => part.repeat(Number(count)))
  })

/** Completes the lines that do not say yet what is to come of them. */
export function writeExpected(lines: ReadonlyMap<string, { status: number; message: string }>): void {
  for (const file of globSync('*.txt', { cwd: directory })) {
    const text = readFileSync(join(directory, file), 'utf8').split('\n')
    const completed = text.map(line => {
      const found = lines.get(line)
      return found ? `${line} | ${found.status} | ${found.message}` : line
    })
    writeFileSync(join(directory, file), completed.join('\n'))
  }
}
