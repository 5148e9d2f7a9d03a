import { createTwoFilesPatch } from 'diff'
import type { Described, Intention } from '../domain/dry-run.ts'
import type { Arguments } from './arguments.ts'
import type { Action, Context } from './command.ts'
import { printable } from './print.ts'

/** Runs an action that keeps nothing of what it does, and then, when nothing failed, prints what that would have been. */
export async function rehearse({ run }: Pick<Action, 'run'>, { luna, io }: Context, args: Arguments): Promise<void> {
  const told: Intention[] = []
  const printed: string[] = []
  const context: Context = {
    io: { ...io, print: text => printed.push(text) },
    luna: async options => {
      const tell = (intention: Intention) => told.push(intention)
      const one = await luna({ ...options, tell })
      if (!one.tell) throw new Error('this program has no rehearsal: it would have done it')
      return one
    },
  }
  await run(context, args)
  const words = told.length + printed.length === 0 ? 'nothing would change\n' : told.map(describe).join('')
  io.print(printed.join('') + printable(words))
}

function describe(intention: Intention): string {
  if (intention.kind === 'act') return `would ${intention.words}\n`
  if (intention.kind === 'run') return `would run: ${intention.argv.map(quote).join(' ')}\n`
  return unifiedDiff(intention.before, intention.after)
}

const nothing: Described = { title: '/dev/null', text: '' }

function unifiedDiff(before: Described = nothing, after: Described = nothing): string {
  const headerOptions = { includeIndex: false, includeUnderline: false, includeFileHeaders: true }
  return createTwoFilesPatch(before.title, after.title, before.text, after.text, undefined, undefined, {
    headerOptions,
  })
}

/** As it would be typed (POSIX sh, 2.2 Quoting). */
const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
