import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Action, Option } from '../src/cli/command.ts'
import { objects } from '../src/cli/main.ts'

/** luna(8) in mdoc(7): what is written by hand in `directory`, around a section for each object made from its own words. */
export async function renderLunaManual(directory: string): Promise<string> {
  const loaded = await Promise.all(Object.values(objects).map(({ load }) => load()))
  const sections = loaded.flatMap(({ name, summary, actions }) => [
    `.Sh ${name.toUpperCase()}`,
    `${toMdoc(summary)}.`,
    ...actions.flatMap(action => renderAction(name, action)),
  ])
  return [
    readFileSync(join(directory, 'luna.8.head'), 'utf8').trimEnd(),
    ...sections,
    readFileSync(join(directory, 'luna.8.tail'), 'utf8'),
  ].join('\n')
}

function renderAction(
  object: string,
  { name, subject, subjectOptional, rest, summary, options = [] }: Action,
): string[] {
  const subjectWord = subject ? (subjectOptional ? ` [${subject}]` : ` ${subject}`) : ''
  return [
    `.Ss luna ${object} ${name}${subjectWord}${rest ? ` [${rest}]` : ''}`,
    `${toMdoc(summary)}.`,
    ...(options.length === 0 ? [] : ['.Bl -tag -width indent', ...options.flatMap(renderOption), '.El']),
  ]
}

function renderOption({ flags, aliases = [], value, help }: Option): string[] {
  const argument = value === undefined ? '' : ` Ar ${toMdoc(value)}`
  const names = [...flags.split(', '), ...aliases].map(flag => `Fl ${toMdoc(flag.slice(1))}`).join(' , ')
  return [`.It ${names}${argument}`, `${toMdoc(help)}`]
}

/** mdoc(7): a backslash begins an escape, a period or quote at a line's beginning a request, a bar delimits words. */
const toMdoc = (text: string): string =>
  text.replaceAll('\\', '\\e').replace(/^[.']/, '\\&$&').replaceAll('|', '\\*(Ba')
