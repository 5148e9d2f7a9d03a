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
import { deleteAction, listAction, renameAction } from './alike.ts'
import { type Arguments, given, parseNumber } from './arguments.ts'
import { commentOption, jsonOption, type ObjectCommand, type Option, secretsOption } from './command.ts'
import { editComment, printComment } from './comment.ts'
import { json, properties } from './print.ts'

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
    listAction(listAllBmcsetups, ({ id: _, password: __, ...rest }) => rest, {
      Name: one => one.name,
      User: one => one.user,
      'User id': one => String(one.userid),
      Comment: one => one.comment,
    }),
    {
      name: 'show',
      summary: 'show one',
      subject: 'NAME',
      options: [jsonOption, secretsOption, commentOption],
      async run({ luna, io }, args) {
        const { id: _, ...found } = await showBmcsetup(await luna(), args.subject)
        const one = args.has('secrets') ? found : { ...found, password: '***' }
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
    renameAction(parseName, renameBmcsetup),
    deleteAction(removeBmcsetup),
  ],
}
