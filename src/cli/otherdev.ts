import { formatAddress, parseHostAddress } from '../domain/address.ts'
import { parseHostlist } from '../domain/hostlist.ts'
import { parseHostName } from '../domain/name.ts'
import type { Otherdev } from '../domain/otherdev.ts'
import { LunaError } from '../errors.ts'
import {
  addOtherdevs,
  changeOtherdevs,
  listAllOtherdevs,
  type OtherdevChange,
  removeOtherdevs,
  renameOtherdev,
  showOtherdevs,
} from '../operations/otherdevs.ts'
import { type Arguments, given } from './arguments.ts'
import { commentOption, jsonOption, newNameOption, type ObjectCommand } from './command.ts'
import { commentText, commonComment, editComment } from './comment.ts'
import { json, properties, table } from './print.ts'

const parseNames = (text: string) => parseHostlist(text).map(parseHostName)

const view = ({ name, addresses, comment }: Otherdev) => ({
  name,
  addresses: addresses.map(({ network, address }) => ({ network, address: formatAddress(address) })),
  comment,
})

const addressLines = (one: Otherdev): string =>
  one.addresses.map(({ network, address }) => `${formatAddress(address)} ${network}`).join('\n') || '-'

const describe = (one: Otherdev): string =>
  properties([
    ['name', one.name],
    ['addresses', addressLines(one)],
    ['comment', one.comment],
  ])

function addressOf(args: Arguments): Omit<OtherdevChange, 'comment'> {
  if (args.has('ip') && !args.has('network'))
    throw new LunaError('usage', '--ip needs the network that the address is in: -N NETWORK')
  return given<Omit<OtherdevChange, 'comment'>>({
    network: args.get('network'),
    address: args.get('ip', parseHostAddress),
  } as Parameters<typeof given<Omit<OtherdevChange, 'comment'>>>[0])
}

export const otherdev: ObjectCommand = {
  name: 'otherdev',
  summary: 'Other devices: names and addresses',
  actions: [
    {
      name: 'list',
      summary: 'list all',
      options: [jsonOption],
      async run({ luna, io }, args) {
        const all = await listAllOtherdevs(await luna())
        if (args.has('raw')) return io.print(json(all.map(view)))
        io.print(
          table(
            ['Name', 'Addresses'],
            all.map(one => [one.name, addressLines(one)]),
          ),
        )
      },
    },
    {
      name: 'show',
      summary: 'show devices',
      subject: 'HOSTLIST',
      options: [jsonOption, commentOption],
      async run({ luna, io }, args) {
        const found = await showOtherdevs(await luna(), parseNames(args.subject))
        if (args.has('comment')) return io.print(found.map(commentText).join(''))
        if (args.has('raw')) return io.print(json(found.length === 1 ? view(found[0]!) : found.map(view)))
        io.print(found.map(describe).join('\n'))
      },
    },
    {
      name: 'add',
      summary: 'add devices',
      subject: 'HOSTLIST',
      options: [
        { flags: '-N, --network', value: 'NETWORK', help: 'network it is in' },
        { flags: '-i, --ip', value: 'ADDRESS', help: 'its address there (the next free one)' },
      ],
      async run({ luna }, args) {
        const names = parseNames(args.subject)
        const { address } = addressOf(args)
        await addOtherdevs(await luna(), names, { network: args.need('network'), ...(address && { address }) })
      },
    },
    {
      name: 'change',
      summary: 'change devices, also into further networks',
      subject: 'HOSTLIST',
      options: [
        { flags: '-N, --network', value: 'NETWORK', help: 'network whose address changes' },
        { flags: '-i, --ip', value: 'ADDRESS', help: 'its address there; without, it leaves the network' },
        commentOption,
      ],
      async run({ luna, io }, args) {
        const names = parseNames(args.subject)
        const change = addressOf(args)
        const one = await luna()
        const comment = commonComment(await showOtherdevs(one, names))
        await changeOtherdevs(one, names, {
          ...change,
          ...(await editComment(io, args, { comment, name: names[0]! })),
        })
      },
    },
    {
      name: 'rename',
      summary: 'give one another name',
      subject: 'NAME',
      options: [newNameOption],
      run: async ({ luna }, args) => renameOtherdev(await luna(), args.subject, args.need('newname', parseHostName)),
    },
    {
      name: 'delete',
      summary: 'delete devices',
      subject: 'HOSTLIST',
      run: async ({ luna }, args) => removeOtherdevs(await luna(), parseNames(args.subject)),
    },
  ],
}
