import { formatAddress, parseAddress } from '../domain/address.ts'
import { type Cidr, formatCidr, parseCidr } from '../domain/cidr.ts'
import { parseHostName, parseNetworkName } from '../domain/name.ts'
import type { KeptRange, Network } from '../domain/network.ts'
import { LunaError } from '../errors.ts'
import {
  addNetwork,
  changeNetwork,
  listAllNetworks,
  type NetworkChange,
  removeNetwork,
  renameNetwork,
  showNetwork,
} from '../operations/networks.ts'
import { deleteAction, listAction, renameAction } from './alike.ts'
import { type Arguments, given } from './arguments.ts'
import { commentOption, type Io, jsonOption, type ObjectCommand, type Option } from './command.ts'
import { editComment, printComment } from './comment.ts'
import { json, properties } from './print.ts'

const nameServer: readonly Option[] = [
  { flags: '--ns_hostname', value: 'NAME', help: "the name server's name (ns)" },
  { flags: '--ns_ip', value: 'ADDRESS', help: "its address (the network's last)" },
]

/** Lines of zone files that a site adds: option -> where the network keeps them. */
const includes = { include: 'include', rev_include: 'revInclude' } as const
const includeNames = Object.keys(includes) as (keyof typeof includes)[]

const includeOptions: readonly Option[] = [
  { flags: '--include', help: "what is added to the network's DNS zone" },
  { flags: '--rev_include', help: 'what is added to its reverse zones' },
]

const view = ({ name, cidr, nsHostname, nsAddress, include, revInclude, comment }: Network) => ({
  name,
  network: formatCidr(cidr),
  version: cidr.version,
  nsHostname,
  nsIp: formatAddress(nsAddress),
  include,
  revInclude,
  comment,
})

const keptView = ({ first, last, use }: KeptRange) => ({ first: formatAddress(first), last: formatAddress(last), use })

const keptLines = (kept: readonly ReturnType<typeof keptView>[]): string =>
  properties(kept.map(({ first, last, use }) => [first === last ? first : `${first}-${last}`, use]))

const parseAddresses = (text: string) => text.split(',').map(one => parseAddress(one.trim()))

/** What is not said of -N and -P stays. */
function cidrOf(args: Arguments, { cidr }: Network): Cidr | undefined {
  if (!args.has('network') && !args.has('prefix')) return undefined
  const base = formatAddress({ version: cidr.version, value: cidr.base })
  return parseCidr(args.get('network', withoutPrefix) ?? base, args.get('prefix') ?? String(cidr.prefix))
}

function withoutPrefix(text: string): string {
  const [, address, prefix] = /^(.+)\/(\d+)$/.exec(text) ?? []
  if (address === undefined) return text
  throw new LunaError('usage', `"${text}" is said by two options: -N ${address} -P ${prefix}`)
}

async function editIncludes(io: Io, args: Arguments, network: Network): Promise<NetworkChange> {
  const changes: NetworkChange = {}
  for (const name of includeNames) {
    if (!args.has(name)) continue
    const key = includes[name]
    const changed = await io.edit(network[key], `${network.name}.${name}`)
    if (changed !== undefined) changes[key] = changed
  }
  return changes
}

export const network: ObjectCommand = {
  name: 'network',
  summary: 'Networks and their addresses',
  actions: [
    listAction(listAllNetworks, view, {
      Name: one => one.name,
      Network: one => formatCidr(one.cidr),
      'Name server': one => formatAddress(one.nsAddress),
    }),
    {
      name: 'show',
      summary: 'show one',
      subject: 'NAME',
      options: [
        jsonOption,
        commentOption,
        ...includeOptions,
        { flags: '-r, --reservedips', help: 'the addresses alone that are kept from being given, and what for' },
      ],
      async run({ luna, io }, args) {
        const { network: found, reserved, kept } = await showNetwork(await luna(), args.subject)
        const one = {
          ...view(found),
          reserved: reserved.map(({ first }) => formatAddress(first)),
          kept: kept.map(keptView),
        }
        if (args.has('comment')) return printComment(io, one)
        for (const name of includeNames) if (args.has(name)) return io.print(one[includes[name]])
        if (args.has('raw')) return io.print(json(one))
        if (args.has('reservedips')) return io.print(keptLines(one.kept))
        io.print(
          properties([
            ['name', one.name],
            ['network', one.network],
            ['name server', `${one.nsHostname} ${one.nsIp}`],
            ['kept', keptLines(one.kept)],
            ...includeNames.map(name => [name, one[includes[name]] || '-'] as const),
            ['comment', one.comment || '-'],
          ]),
        )
      },
    },
    {
      name: 'add',
      summary: 'add one',
      subject: 'NAME',
      options: [
        { flags: '-N, --network', value: 'ADDRESS', help: 'an address in it', required: true },
        { flags: '-P, --prefix', value: 'LENGTH', help: 'its prefix length, like 16', required: true },
        ...nameServer,
      ],
      async run({ luna, io }, args) {
        const name = parseNetworkName(args.subject)
        const cidr = parseCidr(args.need('network', withoutPrefix), args.need('prefix'))
        const ns = given<{ nsHostname: string; nsAddress: ReturnType<typeof parseAddress> }>({
          nsHostname: args.get('ns_hostname', parseHostName),
          nsAddress: args.get('ns_ip', parseAddress),
        })
        for (const warning of await addNetwork(await luna(), { name, cidr, ...ns })) io.warn(warning)
      },
    },
    {
      name: 'change',
      summary: 'change one',
      subject: 'NAME',
      options: [
        { flags: '-N, --network', value: 'ADDRESS', help: 'an address in it' },
        { flags: '-P, --prefix', value: 'LENGTH', help: 'its prefix length' },
        ...nameServer,
        { flags: '-R, --reserve', value: 'ADDRESSES', help: 'keep these (A,B) from being given' },
        { flags: '--release', value: 'ADDRESSES', help: 'let them be given again' },
        ...includeOptions,
        commentOption,
      ],
      async run({ luna, io }, args) {
        const one = await luna()
        const { network: present } = await showNetwork(one, args.subject)
        const change = given<NetworkChange>({
          cidr: cidrOf(args, present),
          nsHostname: args.get('ns_hostname', parseHostName),
          nsAddress: args.get('ns_ip', parseAddress),
          reserve: args.get('reserve', parseAddresses),
          release: args.get('release', parseAddresses),
          ...(await editIncludes(io, args, present)),
          ...(await editComment(io, args, present)),
        } as { [K in keyof NetworkChange]: NetworkChange[K] | undefined })
        for (const warning of await changeNetwork(one, args.subject, change)) io.warn(warning)
      },
    },
    renameAction(parseNetworkName, renameNetwork),
    deleteAction(removeNetwork),
  ],
}
