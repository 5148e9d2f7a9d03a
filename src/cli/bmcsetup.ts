import { parseBmcPassword, parseBmcUser } from '../domain/bmcsetup.ts'
import { parseObjectName } from '../domain/name.ts'
import {
  addBmcsetup,
  type BmcsetupChange,
  changeBmcsetup,
  listAllBmcsetups,
  removeBmcsetup,
  renameBmcsetup,
  showBmcsetup,
} from '../operations/bmcsetups.ts'
import { type Arguments, given, parseNumber } from './arguments.ts'
import { commentOption, jsonOption, newNameOption, type ObjectCommand, type Option } from './command.ts'
import { editComment, printComment } from './comment.ts'
import { json, properties, table } from './print.ts'

const options: readonly Option[] = [
  { flags: '-u, --user', value: 'USER', help: 'user to make (ladmin)' },
  { flags: '-p, --password', value: 'PASSWORD', help: 'its password (ladmin)' },
  { flags: '-I, --userid', value: 'N', help: 'its number (3)' },
  { flags: '-N, --netchannel', value: 'N', help: 'LAN channel of the network settings (1)' },
  { flags: '-M, --mgmtchannel', value: 'N', help: "LAN channel of the user's access (1)" },
]

const parseName = (text: string) => parseObjectName('a bmcsetup', text)

const changeOf = (args: Arguments): BmcsetupChange =>
  given<BmcsetupChange>({
    user: args.get('user', parseBmcUser),
    password: args.get('password', parseBmcPassword),
    userid: args.get('userid', parseNumber(1, 63)),
    netchannel: args.get('netchannel', parseNumber(0, 15)),
    mgmtchannel: args.get('mgmtchannel', parseNumber(0, 15)),
  })

export const bmcsetup: ObjectCommand = {
  name: 'bmcsetup',
  summary: 'How the management controllers of nodes are set up',
  actions: [
    {
      name: 'list',
      summary: 'list all',
      options: [jsonOption],
      async run({ luna, io }, args) {
        const all = (await listAllBmcsetups(await luna())).map(({ id: _, password: __, ...rest }) => rest)
        if (args.has('raw')) return io.print(json(all))
        io.print(
          table(
            ['Name', 'User', 'User id', 'Comment'],
            all.map(one => [one.name, one.user, String(one.userid), one.comment]),
          ),
        )
      },
    },
    {
      name: 'show',
      summary: 'show one',
      subject: 'NAME',
      options: [jsonOption, commentOption],
      async run({ luna, io }, args) {
        const { id: _, ...one } = await showBmcsetup(await luna(), args.subject)
        if (args.has('comment')) return printComment(io, one)
        if (args.has('raw')) return io.print(json(one))
        io.print(properties(Object.entries(one).map(([key, value]) => [key, String(value)])))
      },
    },
    {
      name: 'add',
      summary: 'add one',
      subject: 'NAME',
      options,
      run: async ({ luna }, args) => addBmcsetup(await luna(), parseName(args.subject), changeOf(args)),
    },
    {
      name: 'change',
      summary: 'change one',
      subject: 'NAME',
      options: [...options, commentOption],
      async run({ luna, io }, args) {
        const one = await luna()
        const present = await showBmcsetup(one, args.subject)
        await changeBmcsetup(one, args.subject, { ...changeOf(args), ...(await editComment(io, args, present)) })
      },
    },
    {
      name: 'rename',
      summary: 'give one another name',
      subject: 'NAME',
      options: [newNameOption],
      run: async ({ luna }, args) => renameBmcsetup(await luna(), args.subject, args.need('newname', parseName)),
    },
    {
      name: 'delete',
      summary: 'delete one',
      subject: 'NAME',
      run: async ({ luna }, args) => removeBmcsetup(await luna(), args.subject),
    },
  ],
}
