import { parseHostNames } from '../domain/name.ts'
import type { Luna } from '../luna.ts'
import { type Action, jsonOption, newNameOption } from './command.ts'
import { json, table } from './print.ts'

/** `list`, as most nouns have it. */
export const listAction = <T>(
  load: (luna: Luna) => Promise<readonly T[]>,
  view: (one: T) => unknown,
  columns: Readonly<Record<string, (one: T) => string>>,
): Action => ({
  name: 'list',
  summary: 'list all',
  options: [jsonOption],
  async run({ luna, io }, args) {
    const all = await load(await luna())
    if (args.has('raw')) return io.print(json(all.map(view)))
    const cells = Object.values(columns)
    io.print(
      table(
        Object.keys(columns),
        all.map(one => cells.map(cell => cell(one))),
      ),
    )
  },
})

/** `rename NAME --newname NEW`. */
export const renameAction = (
  parseName: (text: string) => string,
  rename: (luna: Luna, name: string, newName: string) => Promise<void>,
): Action => ({
  name: 'rename',
  summary: 'give one another name',
  subject: 'NAME',
  options: [{ ...newNameOption, required: true }],
  run: async ({ luna }, args) => rename(await luna(), args.subject, args.need('newname', parseName)),
})

/** `delete NAME`. */
export const deleteAction = (remove: (luna: Luna, name: string) => Promise<void>, summary = 'delete one'): Action => ({
  name: 'delete',
  summary,
  subject: 'NAME',
  run: async ({ luna }, args) => remove(await luna(), args.subject),
})

/** `delete HOSTLIST`. */
export const deleteHostsAction = (
  summary: string,
  remove: (luna: Luna, names: readonly string[]) => Promise<void>,
): Action => ({
  name: 'delete',
  summary,
  subject: 'HOSTLIST',
  run: async ({ luna }, args) => remove(await luna(), parseHostNames(args.subject)),
})
