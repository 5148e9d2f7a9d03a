import { formatAddress } from '../domain/address.ts'
import { parseHostAddresses } from '../domain/host-addresses.ts'
import { parseHostName, parseHostNames } from '../domain/name.ts'
import {
  authProtocols,
  parseAuthProtocol,
  parseCommunity,
  parseOid,
  parsePrivProtocol,
  parseSnmpLevel,
  parseSnmpPassword,
  parseSnmpUser,
  privProtocols,
  type SnmpV3,
  snmpLevels,
} from '../domain/snmp.ts'
import type { Switch } from '../domain/switch.ts'
import {
  addSwitches,
  changeSwitches,
  listAllSwitches,
  removeSwitches,
  renameSwitch,
  type SwitchChange,
  showSwitches,
} from '../operations/switches.ts'
import { deleteHostsAction, renameAction } from './alike.ts'
import { type Arguments, given } from './arguments.ts'
import { commentOption, jsonOption, type ObjectCommand, type Option, secretsOption } from './command.ts'
import { commentText, commonComment, editComment } from './comment.ts'
import { formatDuration, json, properties, snake, table } from './print.ts'

const addressOption: Option = {
  flags: '-i, --ip',
  value: 'ADDRESS',
  help: 'address it answers SNMP at; of several switches a list, 10.31.253.[21-24]',
}

const otherOptions: readonly Option[] = [
  { flags: '-N, --network', value: 'NETWORK', help: 'network its address is in (the one that holds it)' },
  { flags: '-r, --read', value: 'COMMUNITY', help: 'SNMP v2c community that may read (public)' },
  { flags: '-w, --rw', value: 'COMMUNITY', help: 'community that may write, kept for its administrators (private)' },
  {
    flags: '-o, --oid',
    value: 'OID',
    help: 'table that tells the port of a MAC (.1.3.6.1.2.1.17.7.1.2.2.1.2; without VLANs .1.3.6.1.2.1.17.4.3.1.2)',
  },
  { flags: '--snmp_user', value: 'USER', help: "SNMPv3 user, to ask by v3 instead of v2c ('': v2c)" },
  { flags: '--snmp_level', value: snmpLevels.join('|'), help: 'level of v3 (as high as the passwords allow)' },
  { flags: '--auth_protocol', value: authProtocols.join('|'), help: 'how v3 messages are proven (sha)' },
  { flags: '--auth_password', value: 'PASSWORD', help: 'its password, 8 characters or more' },
  {
    flags: '--priv_protocol',
    value: privProtocols.join('|'),
    help: 'how v3 messages are encrypted (aes, of 128 bits)',
  },
  { flags: '--priv_password', value: 'PASSWORD', help: 'its password, 8 characters or more' },
]

const changeOf = (args: Arguments): SwitchChange =>
  given<SwitchChange>({
    network: args.get('network'),
    addresses: args.get('ip', parseHostAddresses),
    read: args.get('read', parseCommunity),
    rw: args.get('rw', parseCommunity),
    oid: args.get('oid', parseOid),
    snmp: given<SnmpV3>({
      snmpUser: args.get('snmp_user', text => (text === '' ? '' : parseSnmpUser(text))),
      snmpLevel: args.get('snmp_level', parseSnmpLevel),
      authProtocol: args.get('auth_protocol', parseAuthProtocol),
      authPassword: args.get('auth_password', parseSnmpPassword),
      privProtocol: args.get('priv_protocol', parsePrivProtocol),
      privPassword: args.get('priv_password', parseSnmpPassword),
    }),
  } as { [K in keyof SwitchChange]: SwitchChange[K] | undefined })

/** Secrets are shown to who asks for them, so that a pasted `show` gives nothing away. */
function view({ id: _, address, snmpUser, ...rest }: Switch, secrets = false) {
  const secret = (value: string) => (secrets || value === '' ? value : '***')
  const v3 = snmpUser !== ''
  return {
    name: rest.name,
    network: rest.network,
    ip: formatAddress(address),
    read: secret(rest.read),
    rw: secret(rest.rw),
    oid: rest.oid,
    snmpVersion: v3 ? '3' : '2c',
    snmpUser: v3 ? snmpUser : undefined,
    snmpLevel: v3 ? rest.snmpLevel : undefined,
    authProtocol: v3 ? rest.authProtocol : undefined,
    authPassword: v3 ? secret(rest.authPassword) : undefined,
    privProtocol: v3 ? rest.privProtocol : undefined,
    privPassword: v3 ? secret(rest.privPassword) : undefined,
    polledAtMs: rest.polledAtMs,
    trouble: rest.trouble || undefined,
    comment: rest.comment,
  }
}

/** What lweb last heard of it, in words. */
function stateOf({ polledAtMs, trouble }: Switch, now: number): string {
  if (trouble !== '') return trouble
  return polledAtMs === undefined ? 'not asked yet' : `answered ${formatDuration(now - polledAtMs)} ago`
}

function describe(one: Switch, secrets: boolean, now: number): string {
  const { polledAtMs: _, trouble: __, ...shown } = view(one, secrets)
  return properties([
    ...Object.entries(shown).flatMap(([key, value]) => (value === undefined ? [] : [[snake(key), value] as const])),
    ['state', stateOf(one, now)],
  ])
}

export const switchCommand: ObjectCommand = {
  name: 'switch',
  summary: 'Network switches that say which machine is at which port',
  actions: [
    {
      name: 'list',
      summary: 'list all',
      options: [jsonOption],
      async run({ luna, io }, args) {
        const one = await luna()
        const all = await listAllSwitches(one)
        if (args.has('raw')) return io.print(json(all.map(found => view(found))))
        const rows = all.map(found => [
          found.name,
          found.network,
          formatAddress(found.address),
          found.oid,
          stateOf(found, one.clock()),
        ])
        io.print(table(['Name', 'Network', 'Address', 'OID', 'State'], rows))
      },
    },
    {
      name: 'show',
      summary: 'show switches',
      subject: 'HOSTLIST',
      options: [jsonOption, secretsOption, commentOption],
      async run({ luna, io }, args) {
        const one = await luna()
        const found = await showSwitches(one, parseHostNames(args.subject))
        if (args.has('comment')) return io.print(found.map(commentText).join(''))
        const secrets = args.has('secrets')
        const views = found.map(shown => view(shown, secrets))
        if (args.has('raw')) return io.print(json(views.length === 1 ? views[0] : views))
        io.print(found.map(shown => describe(shown, secrets, one.clock())).join('\n'))
      },
    },
    {
      name: 'add',
      summary: 'add switches',
      subject: 'HOSTLIST',
      options: [{ ...addressOption, required: true }, ...otherOptions],
      async run({ luna }, args) {
        const names = parseHostNames(args.subject)
        await addSwitches(await luna(), names, { ...changeOf(args), addresses: args.need('ip', parseHostAddresses) })
      },
    },
    {
      name: 'change',
      summary: 'change switches',
      subject: 'HOSTLIST',
      options: [addressOption, ...otherOptions, commentOption],
      async run({ luna, io }, args) {
        const names = parseHostNames(args.subject)
        const change = changeOf(args)
        const one = await luna()
        const comment = commonComment(await showSwitches(one, names))
        await changeSwitches(one, names, { ...change, ...(await editComment(io, args, { comment, name: names[0]! })) })
      },
    },
    renameAction(parseHostName, renameSwitch),
    deleteHostsAction('delete switches', removeSwitches),
  ],
}
