import { type Address, formatAddress, parseAddress, parseHostAddress } from '../domain/address.ts'
import { type Cluster, clusterDefaults, type DhcpRange, parseNodePrefix, parseUserName } from '../domain/cluster.ts'
import { parseDhcpServer } from '../domain/dhcp-server.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { type ClusterInput, changeCluster, deleteCluster, initCluster, showCluster } from '../operations/clusters.ts'
import { adviseAfterChange, makeDhcp } from '../operations/dhcp.ts'
import { makeDns } from '../operations/dns.ts'
import { findNamedLayout } from '../operations/named.ts'
import { syncHeads } from '../operations/sync-heads.ts'
import { type Arguments, given, parseNumber, parsePath, parsePort, parseYesNo } from './arguments.ts'
import { commentOption, jsonOption, type ObjectCommand, type Option } from './command.ts'
import { editComment, printComment } from './comment.ts'
import { listMacsAction } from './listmacs.ts'
import { json, properties, snake } from './print.ts'

const initOptions: readonly Option[] = [
  { flags: '--frontend_address', value: 'ADDRESS', help: "the head's address that nodes reach" },
  { flags: '-p, --nodeprefix', aliases: ['--prefix'], value: 'TEXT', help: 'how node names begin (node)' },
  { flags: '-d, --nodedigits', aliases: ['--digits'], value: 'N', help: 'digits in node names (3)' },
  { flags: '--user', value: 'USER', help: 'user of the daemons (luna)' },
  { flags: '--path', value: 'DIR', help: 'where boot files and torrents are kept (/opt/luna)' },
]

const changeOptions: readonly Option[] = [
  ...initOptions,
  { flags: '--frontend_port', value: 'PORT', help: 'HTTP port that nodes reach (7050)' },
  { flags: '--frontend_https', value: 'y|n', help: 'nodes reach it by https, which nginx must serve (n)' },
  { flags: '--server_port', value: 'PORT', help: "lweb's own HTTP port on 127.0.0.1 (7051)" },
  { flags: '--tracker_interval', value: 'SECONDS', help: 'between announces (10)' },
  { flags: '--tracker_min_interval', value: 'SECONDS', help: 'least between announces (5)' },
  { flags: '--tracker_maxpeers', value: 'N', help: 'peers in one answer (200)' },
  { flags: '--torrent_listen_port_min', value: 'PORT', help: 'first port of torrent clients (7052)' },
  { flags: '--torrent_listen_port_max', value: 'PORT', help: 'last port of torrent clients (7200)' },
  { flags: '--cluster_ips', value: 'A,B', help: "the two heads' own addresses ('': one head)" },
  {
    flags: '--lweb_pidfile',
    value: 'FILE',
    help: "a further file for lweb's process number, from its next start ('': none)",
  },
  { flags: '--torrent_pidfile', value: 'FILE', help: 'the same of ltorrent' },
  {
    flags: '--lweb_num_proc',
    value: 'N',
    help: 'kept for old scripts, without effect: lweb is one process, which is enough',
  },
  { flags: '--dhcp_server', value: 'isc|kea', help: 'the DHCP server that makedhcp writes for (isc)' },
  {
    flags: '--named_include_file',
    value: 'FILE',
    help: "file of zones that named.conf includes ('': the distribution's)",
  },
  { flags: '--named_zone_dir', value: 'DIR', help: "where zone files go ('': the distribution's)" },
  commentOption,
]

const settingsOf = (args: Arguments): ClusterInput =>
  given<ClusterInput>({
    frontendAddress: args.get('frontend_address', parseHostAddress),
    nodeprefix: args.get('nodeprefix', parseNodePrefix),
    nodedigits: args.get('nodedigits', parseNumber(1, 9)),
    user: args.get('user', parseUserName),
    path: args.get('path', parsePath),
    frontendPort: args.get('frontend_port', parsePort),
    frontendHttps: args.get('frontend_https', parseYesNo),
    serverPort: args.get('server_port', parsePort),
    trackerInterval: args.get('tracker_interval', parseNumber(1, 3600)),
    trackerMinInterval: args.get('tracker_min_interval', parseNumber(1, 3600)),
    trackerMaxpeers: args.get('tracker_maxpeers', parseNumber(1, 2000)),
    torrentListenPortMin: args.get('torrent_listen_port_min', parsePort),
    torrentListenPortMax: args.get('torrent_listen_port_max', parsePort),
    clusterIps: args.get('cluster_ips', parseClusterIps),
    lwebNumProc: args.get('lweb_num_proc', parseNumber(0, 1024)),
    lwebPidfile: args.get('lweb_pidfile', parsePathOrNone),
    torrentPidfile: args.get('torrent_pidfile', parsePathOrNone),
    dhcpServer: args.get('dhcp_server', parseDhcpServer),
    namedIncludeFile: args.get('named_include_file', parsePathOrNone),
    namedZoneDir: args.get('named_zone_dir', parsePathOrNone),
  } as { [K in keyof ClusterInput]: ClusterInput[K] | undefined })

const parsePathOrNone = (text: string) => (text === '' ? '' : parsePath(text))

function parseClusterIps(text: string): Address[] {
  const addresses = text === '' ? [] : text.split(',').map(parseHostAddress)
  if (addresses.length === 0 || addresses.length === 2) return addresses
  throw new LunaError('invalid', `cluster_ips takes the addresses of two heads (A,B), or '' for none; not "${text}"`)
}

/** The head and its files, the names of nodes; then each service: the daemons, DHCP, DNS. */
const order = [
  ...['frontendAddress', 'frontendPort', 'frontendHttps', 'serverPort', 'clusterIps', 'user', 'path'],
  ...['nodeprefix', 'nodedigits'],
  ...['trackerInterval', 'trackerMinInterval', 'trackerMaxpeers', 'torrentListenPortMin', 'torrentListenPortMax'],
  ...['torrentPidfile', 'lwebPidfile', 'lwebNumProc'],
  ...['dhcpServer', 'dhcpNetwork', 'dhcpStartIp', 'dhcpEndIp', 'nativeDhcpHa', 'namedIncludeFile', 'namedZoneDir'],
  'comment',
]

const placeOf = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length - 2)

function view({ dhcp, ...cluster }: Cluster) {
  const one = {
    ...cluster,
    frontendAddress: cluster.frontendAddress && formatAddress(cluster.frontendAddress),
    clusterIps: cluster.clusterIps.map(formatAddress),
    dhcpNetwork: dhcp?.network,
    dhcpStartIp: dhcp && formatAddress(dhcp.first),
    dhcpEndIp: dhcp && formatAddress(dhcp.last),
  }
  const pairs = Object.entries(one).sort(([a], [b]) => placeOf(a) - placeOf(b))
  return Object.fromEntries(pairs) as typeof one
}

/** As people read it: where named looks while nothing else is set. */
async function describe({ files }: Pick<Luna, 'files'>, one: ReturnType<typeof view>): Promise<string> {
  const layout = await findNamedLayout(files)
  const named = { namedIncludeFile: layout?.includeFile, namedZoneDir: layout?.zoneDirectory }
  const defaults: Partial<Record<string, string>> = layout ? named : {}
  return properties(
    Object.entries(one).map(([key, value]) => {
      const ours = value === '' && defaults[key] !== undefined
      return [snake(key), ours ? `${defaults[key]} (the distribution's)` : shown(value)]
    }),
  )
}

const shown = (value: unknown): string => (value === true ? 'yes' : value === false ? 'no' : String(value ?? '-'))

function dhcpRangeOf(args: Arguments): DhcpRange | undefined {
  const network = args.get('network')
  const first = args.get('start_ip', parseAddress)
  const last = args.get('end_ip', parseAddress)
  if (network === undefined && !first && !last) return undefined
  if (network === undefined || !first || !last)
    throw new LunaError('usage', '--network, --start_ip and --end_ip go together; without any the stored ones are used')
  return { network, first, last }
}

export const cluster: ObjectCommand = {
  name: 'cluster',
  summary: 'The cluster and its services',
  actions: [
    {
      name: 'init',
      summary: 'make the cluster',
      options: initOptions,
      async run({ luna, io }, args) {
        const settings = settingsOf(args)
        const made = await initCluster(await luna({ createFor: settings.user ?? clusterDefaults.user }), settings)
        if (!made.frontendAddress)
          io.warn('the cluster has no frontend address yet; run: luna cluster change --frontend_address ADDRESS')
      },
    },
    {
      name: 'show',
      summary: 'show its settings',
      options: [jsonOption, commentOption],
      async run({ luna, io }, args) {
        const opened = await luna()
        const one = view(await showCluster(opened))
        if (args.has('comment')) return printComment(io, one)
        if (args.has('raw')) return io.print(json(one))
        io.print(await describe(opened, one))
      },
    },
    {
      name: 'change',
      summary: 'change its settings',
      options: changeOptions,
      async run({ luna, io }, args) {
        const settings = settingsOf(args)
        const one = await luna()
        const before = await showCluster(one)
        await changeCluster(one, { ...settings, ...(await editComment(io, args, { ...before, name: 'cluster' })) })
        const advice = await adviseAfterChange(one, before)
        if (advice) io.warn(advice)
      },
    },
    {
      name: 'delete',
      summary: 'forget the cluster; its files stay',
      options: [{ flags: '--force', help: 'though it has nodes and osimages' }],
      run: async ({ luna }, args) => deleteCluster(await luna(), { force: args.has('force') }),
    },
    {
      name: 'makedhcp',
      summary: 'write the configuration of the DHCP server',
      options: [
        { flags: '-N, --network', value: 'NETWORK', help: 'network that nodes boot in' },
        { flags: '-s, --start_ip', value: 'ADDRESS', help: 'first address for machines not known yet' },
        { flags: '-e, --end_ip', value: 'ADDRESS', help: 'last one' },
        {
          flags: '--native_dhcp_ha',
          value: '[y|n]',
          help: 'both heads (cluster_ips) answer, as a pair; run it on each of them (n)',
        },
      ],
      async run({ luna, io }, args) {
        const warnings = await makeDhcp(await luna(), {
          range: dhcpRangeOf(args),
          nativeDhcpHa: args.get('native_dhcp_ha', parseYesNo) ?? (args.has('native_dhcp_ha') ? true : undefined),
        })
        for (const warning of warnings) io.warn(warning)
      },
    },
    {
      name: 'makedns',
      summary: 'write the zones of the name server',
      async run({ luna, io }) {
        for (const warning of await makeDns(await luna())) io.warn(warning)
      },
    },
    listMacsAction,
    {
      name: 'sync',
      summary: "copy the cluster's path to the other head (cluster_ips), by rsync over ssh as root",
      async run({ luna, io }) {
        const one = await luna()
        const { path, to } = await syncHeads(one)
        if (!one.tell) io.print(`${path} is on ${to} as it is here\n`)
      },
    },
  ],
}
