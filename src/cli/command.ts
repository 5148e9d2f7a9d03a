import type { Luna, LunaOptions } from '../luna.ts'
import type { Arguments } from './arguments.ts'

/** `luna OBJECT`: a noun and what can be done with it. */
export interface ObjectCommand {
  name: string
  summary: string
  actions: readonly Action[]
}

/** `luna OBJECT ACTION`: its words as data, and a handler that calls one operation and prints. */
export interface Action {
  name: string
  summary: string
  /** What NAME stands for, when the action takes one: as the first word, or by -n/--name. */
  subject?: 'NAME' | 'HOSTLIST' | 'FROM'
  /** The action does without its NAME. */
  subjectOptional?: boolean
  /** A further word that the action takes: `-i IF ADDRESS`. */
  rest?: string
  /** The action cannot do without it. */
  restRequired?: boolean
  options?: readonly Option[]
  /** How --dry-run is written besides. */
  dryRunFlags?: '-d, --dry-run'
  /** It only looks, so that it needs no --dry-run; `list` and `show` do anyway. */
  reads?: true
  run(context: Context, args: Arguments): Promise<void>
}

export interface Option {
  /** `-g, --group` */
  flags: string
  /** Other spellings that habits and scripts know: `--sn`. */
  aliases?: readonly string[]
  /** What it takes: `GROUP`, `[NET]` when it may be left out, nothing for a switch. */
  value?: string
  help: string
  /** The action does nothing without it. */
  required?: true
}

/** A program of one action: `lpower`. */
export interface Tool extends Action {
  /** Its words, for the help: `HOSTLIST status|on|off`. */
  usage: string
  /** What the help says below the options. */
  notes?: string
  /** What its plain words stand for, in their order, for completion. */
  operands: readonly Operand[]
  /** Options come before the first plain word; what follows is another program's. */
  passThrough?: boolean
}

/** The name of an object of that kind, or one of these words. */
export interface Operand {
  names?: string
  words?: readonly string[]
}

/** What handlers have: the world on demand, and where to read and print. */
export interface Context {
  luna(options?: LunaOptions): Promise<Luna>
  /** Names of the objects of a kind, for completion: at once, from the database as it is; none when that cannot be read. */
  names?(kind: string): Promise<readonly string[]>
  io: Io
}

export interface Io {
  /** To standard output, as it is. */
  print(text: string): void
  /** One line to standard error that does not stop anything. */
  warn(text: string): void
  /** To standard error, as it is: why nothing was done. */
  complain(text: string): void
  /** Standard input when it is not a terminal, else the text as changed in $EDITOR; undefined when nothing changed. */
  edit(present: string, name: string): Promise<string | undefined>
  /** Standard error is a terminal that somebody looks at. */
  interactive: boolean
}

export const dryRunOption: Option = {
  flags: '--dry-run',
  help: 'print what would change, and change nothing',
}

export const mayChange = ({ name, reads }: Action): boolean => !reads && name !== 'list' && name !== 'show'

export const jsonOption: Option = { flags: '-R, --raw', aliases: ['--json'], help: 'print JSON' }
export const secretsOption: Option = { flags: '--secrets', help: 'communities and passwords in clear instead of ***' }
export const commentOption: Option = { flags: '-C, --comment', help: 'the comment' }
export const newNameOption: Option = { flags: '--newname', aliases: ['--nn'], value: 'NEW', help: 'the new name' }
