import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Action, Option, Tool } from '../src/cli/command.ts'
import { objects } from '../src/cli/main.ts'
import { optionsOf } from '../src/cli/options.ts'

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

function renderAction(object: string, action: Action): string[] {
  const { name, subject, subjectOptional, rest, restRequired, summary } = action
  const subjectWord = subject ? (subjectOptional ? ` [${subject}]` : ` ${subject}`) : ''
  return [
    `.Ss luna ${object} ${name}${subjectWord}${rest ? (restRequired ? ` ${rest}` : ` [${rest}]`) : ''}`,
    `${toMdoc(capital(summary))}.`,
    ...renderOptions(optionsOf(action).filter(option => !saidOnce.has(option.flags))),
  ]
}

/** The head of the page tells of them, once for all actions. */
const saidOnce = new Set(['-n, --name', '--dry-run'])

/** The page of a program of one action, all of it from what its --help says. */
export function renderToolManual(tool: Tool): string {
  const { name, summary, usage, notes = '' } = tool
  const [description = '', examples = ''] = notes.split('\nExamples:\n')
  return [
    '.Dd November 22, 2026',
    `.Dt ${name.toUpperCase()} 8`,
    '.Os',
    '.Sh NAME',
    `.Nm ${name}`,
    `.Nd ${toMdoc(summary.replace(/[.;:].*/s, '').replace(/^./, letter => letter.toLowerCase()))}`,
    '.Sh SYNOPSIS',
    '.Nm',
    toMdoc(usage),
    '.Sh DESCRIPTION',
    toMdoc(summary),
    ...literal(description),
    ...renderOptions(optionsOf(tool)),
    '.Sh EXIT STATUS',
    'As of',
    '.Xr luna 8 ,',
    'unless it is said otherwise above.',
    ...(examples === '' ? [] : ['.Sh EXAMPLES', ...literal(examples.replace(/^ {2}/gm, ''))]),
    '.Sh SEE ALSO',
    '.Xr luna.conf 5 ,',
    '.Xr luna 8',
    '',
  ].join('\n')
}

const literal = (text: string): string[] => ['.Bd -literal', ...text.trimEnd().split('\n').map(toMdoc), '.Ed']

const renderOptions = (options: readonly Option[]): string[] =>
  options.length === 0 ? [] : ['.Bl -tag -width indent', ...options.flatMap(renderOption), '.El']

function renderOption({ flags, aliases = [], value, help, required }: Option): string[] {
  const argument = value === undefined ? '' : ` Ar ${toMdoc(value)}`
  const names = [...flags.split(', '), ...aliases].map(flag => `Fl ${toMdoc(flag.slice(1))}`).join(' , ')
  return [`.It ${names}${argument}`, `${toMdoc(help)}${required ? '; required' : ''}`]
}

const capital = (text: string): string => text.replace(/^./, letter => letter.toUpperCase())

/** mdoc(7): a backslash begins an escape, a period or quote at a line's beginning a request, a bar delimits words. */
const toMdoc = (text: string): string =>
  text.replaceAll('\\', '\\e').replace(/^[.']/, '\\&$&').replaceAll('|', '\\*(Ba')
