import type { Action, ObjectCommand, Operand, Option, Tool } from './command.ts'
import { type Completion, completeOperand, completeValue, type Names, startingWith } from './complete-value.ts'
import { optionsOf } from './options.ts'
import { findOption, namesOf, type Spellings, spellingsOf, takesNextWord } from './words.ts'

/** Where commands are found, each loaded when it is asked for. */
export interface Commands {
  objects: Readonly<Record<string, { summary: string; load: () => Promise<ObjectCommand> }>>
  findTool(name: string): Promise<Tool | undefined>
}

/**
 * What could stand at the cursor.
 * @param line the words of the command line as far as the cursor, the program's first; the last one is being typed and may be empty
 */
export async function complete(line: readonly string[], commands: Commands, names: Names): Promise<Completion> {
  const [program = '', ...rest] = line
  const words = withoutEquals(rest)
  if (program === 'luna')
    return completeLuna(/^(-d|--debug)$/.test(words[0]!) ? words.slice(1) : words, commands, names)
  const tool = await commands.findTool(program)
  return tool ? completeWords(words, tool, tool.operands, names) : []
}

/** To bash, `--group=x` is three words (bash(1), COMP_WORDBREAKS). */
const withoutEquals = (words: readonly string[]): string[] =>
  words.flatMap((word, index) => {
    if (word !== '=' || !words[index - 1]?.startsWith('--')) return [word]
    return index === words.length - 1 ? [''] : []
  })

async function completeLuna(words: readonly string[], { objects }: Commands, names: Names): Promise<Completion> {
  const [first = '', second = '', ...rest] = words
  if (words.length < 2)
    return startingWith(
      first,
      Object.entries(objects).map(([word, { summary }]) => ({ word, help: summary })),
    )
  const object = Object.hasOwn(objects, first) ? await objects[first]!.load() : undefined
  if (!object) return []
  if (words.length < 3)
    return startingWith(
      second,
      object.actions.map(({ name, summary }) => ({ word: name, help: summary })),
    )
  const action = object.actions.find(({ name }) => name === second)
  const subject = action?.subject && action.name !== 'add' ? [{ names: object.name }] : []
  return action ? completeWords(rest, action, subject, names) : []
}

async function completeWords(
  words: readonly string[],
  action: Action,
  operands: readonly Operand[],
  names: Names,
): Promise<Completion> {
  const options = optionsOf(action)
  const spellings = spellingsOf(options)
  const typed = words.at(-1)!
  const { waiting, plain } = readSoFar(words.slice(0, -1), spellings)
  if (waiting && (takesNextWord(waiting) || !typed.startsWith('-'))) return completeValue(typed, waiting, names)
  const [, flag, value] = /^(--[\w-]+=)(.*)$/s.exec(typed) ?? []
  if (flag !== undefined) {
    const option = spellings.get(flag.slice(0, -1))
    return option ? prefixed(flag, await completeValue(value!, option, names)) : []
  }
  if (typed.startsWith('-')) return startingWith(typed, options.flatMap(candidatesOf))
  const operand = operands[plain]
  return operand ? completeOperand(typed, operand, names) : []
}

/** The option whose value comes next, and how many plain words there were. */
function readSoFar(words: readonly string[], spellings: Spellings): { waiting: Option | undefined; plain: number } {
  let plain = 0
  let waiting: Option | undefined
  for (const word of words) {
    const isValue: boolean = waiting !== undefined && (takesNextWord(waiting) || !word.startsWith('-'))
    const found = isValue ? undefined : findOption(word, spellings)
    if (!isValue && !found) plain++
    waiting = found?.rest === '' && found.option.value !== undefined ? found.option : undefined
  }
  return { waiting, plain }
}

const prefixed = (flag: string, completion: Completion): Completion =>
  completion.map(one => (typeof one === 'string' ? one : { ...one, word: flag + one.word }))

/** The long spelling, and the short one when there is one. */
function candidatesOf(option: Option) {
  const { short, long } = namesOf(option)
  return [long, ...(short ? [short] : [])].map(word => ({ word, help: option.help }))
}
