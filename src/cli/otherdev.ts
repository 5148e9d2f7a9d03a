import { formatAddress } from '../domain/address.ts'
import { parseHostAddresses } from '../domain/host-addresses.ts'
import { parseHostName, parseHostNames } from '../domain/name.ts'
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
import { deleteHostsAction, listAction, renameAction } from './alike.ts'
import { type Arguments, given } from './arguments.ts'
import { commentOption, jsonOption, type ObjectCommand } from './command.ts'
import { commentText, commonComment, editComment } from './comment.ts'
import { json, properties } from './print.ts'

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

function addressesOf(args: Arguments): Omit<OtherdevChange, 'comment'> {
  if (args.has('ip') && !args.has('network'))
    throw new LunaError('usage', '--ip needs the network that the address is in: -N NETWORK')
  return given<Omit<OtherdevChange, 'comment'>>({
    network: args.get('network'),
    addresses: args.get('ip', parseHostAddresses),
  } as Parameters<typeof given<Omit<OtherdevChange, 'comment'>>>[0])
}

export const otherdev: ObjectCommand = {
  name: 'otherdev',
  summary: 'Other devices: names and addresses',
  actions: [
    listAction(listAllOtherdevs, view, { Name: one => one.name, Addresses: addressLines }),
    {
      name: 'show',
      summary: 'show devices',
      subject: 'HOSTLIST',
      options: [jsonOption, commentOption],
      async run({ luna, io }, args) {
        const found = await showOtherdevs(await luna(), parseHostNames(args.subject))
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
        { flags: '-N, --network', value: 'NETWORK', help: 'network it is in', required: true },
        {
          flags: '-i, --ip',
          value: 'ADDRESS',
          help: 'its address there (the next free one); of several a list, 10.30.9.[1-4]',
        },
      ],
      async run({ luna }, args) {
        const names = parseHostNames(args.subject)
        const { addresses } = addressesOf(args)
        await addOtherdevs(await luna(), names, { network: args.need('network'), ...(addresses && { addresses }) })
      },
    },
    {
      name: 'change',
      summary: 'change devices, also into further networks',
      subject: 'HOSTLIST',
      options: [
        { flags: '-N, --network', value: 'NETWORK', help: 'network whose address changes' },
        {
          flags: '-i, --ip',
          value: 'ADDRESS',
          help: 'its address there, of several a list; without, it leaves the network',
        },
        commentOption,
      ],
      async run({ luna, io }, args) {
        const names = parseHostNames(args.subject)
        const change = addressesOf(args)
        const one = await luna()
        const comment = commonComment(await showOtherdevs(one, names))
        await changeOtherdevs(one, names, {
          ...change,
          ...(await editComment(io, args, { comment, name: names[0]! })),
        })
      },
    },
    renameAction(parseHostName, renameOtherdev),
    deleteHostsAction('delete devices', removeOtherdevs),
  ],
}
