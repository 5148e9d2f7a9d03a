import { exitStatusOf } from '../errors.ts'
import type { Context, Tool } from './command.ts'
import { describe } from './describe.ts'

/** Runs the command line of a program of one action. @returns the exit status (docs/errors.md) */
export async function runToolLine(
  tool: Tool,
  words: readonly string[],
  context: Context,
  version: string,
): Promise<number> {
  const debug = words[0] === '-d' || words[0] === '--debug'
  const rest = debug ? words.slice(1) : words
  try {
    if (rest[0] === '--version') context.io.print(`${tool.name} ${version}\n`)
    else await (await import('./program.ts')).runTool(tool, rest, context)
    return 0
  } catch (error) {
    context.io.complain(describe(error, debug, tool.name))
    return exitStatusOf(error)
  }
}
