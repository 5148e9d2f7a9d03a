import { Command, CommanderError, Option as CommanderOption } from 'commander'
import { LunaError } from '../errors.ts'
import { Arguments } from './arguments.ts'
import type { Action, Context, ObjectCommand, Option, Tool } from './command.ts'
import { optionsOf } from './options.ts'
import { suggest } from './suggest.ts'
import { namesOf, normalise, spellingsOf } from './words.ts'

/** Parses the words after `luna OBJECT` and runs the action; prints help where it is asked for. */
export async function runObject(object: ObjectCommand, words: readonly string[], context: Context): Promise<void> {
  const command = quiet(new Command(`luna ${object.name}`), context.io.print)
    .description(sentence(object.summary))
    .usage('ACTION [NAME] [OPTIONS]')
    .commandsGroup('Actions:')
    .addHelpText('after', `\nMore of each: luna ${object.name} ACTION --help\n`)
  for (const action of object.actions) command.addCommand(toCommand(action, context))
  const [first, ...rest] = words
  const action = object.actions.find(one => one.name === first)
  if (!action && first !== undefined && !first.startsWith('-')) throw noSuchAction(object, first)
  const options = action ? optionsOf(action) : []
  await parse(command, action ? [action.name, ...normalise(rest, options)] : [...words], options)
}

function noSuchAction({ name, actions }: ObjectCommand, word: string): LunaError {
  const names = actions.map(action => action.name)
  const hint = suggest(word, names) || `; there are ${names.join(', ')}`
  return new LunaError('usage', `"${word}" is not an action of luna ${name}${hint}`)
}

/** Parses the words of a program of one action and runs it; prints help where it is asked for. */
export async function runTool(tool: Tool, words: readonly string[], context: Context): Promise<void> {
  const command = toCommand(tool, context).usage(tool.usage)
  if (tool.notes !== undefined) command.addHelpText('after', `\n${tool.notes}\n`)
  command.passThroughOptions(tool.passThrough ?? false)
  const options = optionsOf(tool)
  await parse(command, tool.passThrough ? [...words] : normalise(words, options), options)
}

/** Lets Commander throw instead of printing and ending the process. */
const quiet = (command: Command, print: (text: string) => void): Command =>
  command
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => {}, writeOut: print })
    .helpCommand(false)
    .helpOption('-h, --help', 'print this')
    .configureHelp({
      subcommandTerm: one => one.name(),
      subcommandDescription: one =>
        one
          .description()
          .replace(/\.$/, '')
          .replace(/^[A-Z](?=[a-z])/, letter => letter.toLowerCase()),
    })

function toCommand(action: Action, context: Context): Command {
  const command = quiet(new Command(action.name), context.io.print)
    .description(sentence(action.summary))
    .allowExcessArguments()
  for (const option of optionsOf(action)) command.addOption(toOption(option))
  if (action.subject) command.argument(`[${action.subject}]`)
  if (action.rest) command.argument(`[${action.rest}]`)
  command.usage(usageOf(action))
  return command.action(async () => {
    const { name, 'dry-run': isDry, ...values } = command.opts<Record<string, string | boolean | undefined>>()
    const words = wordsOf(action, command.args, name as string | undefined)
    if (action.subject && !action.subjectOptional && words.subject === undefined)
      throw new LunaError('usage', `${action.subject} is missing: as the first word, or by -n ${action.subject}`)
    checkRest(action, words, command)
    if (action.name === 'change' && Object.keys(values).length === 0)
      throw new LunaError('usage', `nothing to change was said; see: ${nameOf(command)} --help`)
    const args = new Arguments(nameOf(command), words.subject, values, words.rest)
    if (isDry) await (await import('./dry-run.ts')).rehearse(action, context, args)
    else await action.run(context, args)
  })
}

/** NAME may come by -n as well, which the option says itself. */
const usageOf = ({ subject, subjectOptional, rest, restRequired, options = [] }: Action): string => {
  const needed = options
    .filter(({ required }) => required)
    .map(one => `${namesOf(one).short ?? namesOf(one).long} ${one.value}`)
  const name = subject && (subjectOptional ? `[${subject}]` : subject)
  return [name, rest && (restRequired ? rest : `[${rest}]`), ...needed, '[OPTIONS]'].filter(Boolean).join(' ')
}

const sentence = (summary: string): string =>
  `${summary.replace(/^./, letter => letter.toUpperCase()).replace(/\.$/, '')}.`

/** Of a tool, every word is in `rest`. */
function checkRest(
  action: Action,
  { subject, rest }: { subject: string | undefined; rest: readonly string[] },
  command: Command,
) {
  const extra = rest[action.rest ? (action.rest.endsWith('...') ? Number.POSITIVE_INFINITY : 1) : 0]
  if (extra === undefined) return
  const several =
    action.subject === 'HOSTLIST' && !action.rest
      ? `several are one word: ${subject},${extra}`
      : `see: ${nameOf(command)} --help`
  throw new LunaError('usage', `"${extra}" is a word too many; ${several}`)
}

/** `luna node add` */
const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name()

/** Which of the plain words is NAME: the first, unless -n said it and the action has use for the word otherwise. */
function wordsOf(action: Action, plain: readonly string[], name: string | undefined) {
  const takesAll = action.rest?.endsWith('...') || plain.length < 2
  if (!action.subject || (name !== undefined && action.rest && takesAll)) return { subject: name, rest: plain }
  const [subject, ...rest] = plain
  if (subject !== undefined && name !== undefined && subject !== name)
    throw new LunaError('usage', `two names were given: "${subject}" and "${name}"`)
  return { subject: subject ?? name, rest }
}

function toOption(option: Option): CommanderOption {
  const { long } = namesOf(option)
  const value =
    option.value === undefined ? '' : option.value.startsWith('[') ? ` ${option.value}` : ` <${option.value}>`
  const required = option.required ? '; required' : ''
  const aliases = option.aliases?.length ? ` (also ${option.aliases.join(', ')})` : ''
  const built = new CommanderOption(`${option.flags}${value}`, option.help + required + aliases)
  // Commander would camel-case the names and turn --no-x round
  built.attributeName = () => long.slice(2)
  if (option.value !== undefined) built.argParser((value, present) => onlyOnce(long, value, present))
  return built
}

/** Commander would take the last one. */
function onlyOnce(option: string, value: string, present: unknown): string {
  if (present === undefined || present === value) return value
  throw new LunaError('usage', `${option} was given twice: "${present}" and "${value}"`)
}

async function parse(command: Command, words: string[], options: readonly Option[]): Promise<void> {
  try {
    await command.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return // help was printed
    if (error.code === 'commander.help') return command.outputHelp()
    const where = [command.name(), ...actionOf(command, words)].join(' ')
    throw new LunaError(
      'usage',
      explain(error, options) ?? `${error.message.replace(/^error: /, '').replaceAll("'", '')}; see: ${where} --help`,
    )
  }
}

/** In fewer words than Commander's; undefined where it has the right ones. */
function explain({ code, message }: CommanderError, options: readonly Option[]): string | undefined {
  const [, quoted = ''] = /'([^']*)'/.exec(message) ?? []
  if (code === 'commander.optionMissingArgument')
    return quoted.replace(/^-\w, (--\w+) <(.*)>$|^(--\w+) <(.*)>$/, '$1$3 needs its value: $2$4')
  if (code !== 'commander.unknownOption') return undefined
  const unknown = quoted.replace(/=.*/s, '')
  const meant = suggest(unknown, ['--help', ...spellingsOf(options).keys()])
  return meant === '' ? undefined : `unknown option ${unknown}${meant}`
}

const actionOf = (command: Command, [word]: string[]): string[] =>
  command.commands.filter(one => one.name() === word).map(one => one.name())
