import type { Generated, Insertable, Selectable } from 'kysely'

/**
 * The tables, as Kysely sees them: camelCase here, snake_case in SQL. Both databases hold the same: booleans are 0 or 1, times are
 * milliseconds since 1970, addresses are 32 hexadecimal digits (domain/address.ts).
 */
export interface Schema {
  cluster: ClusterTable
  network: NetworkTable
  dnsZone: DnsZoneTable
  reserved: ReservedTable
  osimage: OsimageTable
  pack: PackTable
  bmcsetup: BmcsetupTable
  nodeGroup: NodeGroupTable
  groupInterface: GroupInterfaceTable
  node: NodeTable
  switch: SwitchTable
  otherdev: OtherdevTable
  address: AddressTable
  switchPort: SwitchPortTable
  learnedMac: LearnedMacTable
  boot: BootTable
  installEvent: InstallEventTable
  storm: StormTable
  stormNode: StormNodeTable
  machine: MachineTable
  machineMac: MachineMacTable
}

interface ClusterTable {
  /** Always 1: there is one cluster. */
  id: number
  user: string
  path: string
  nodeprefix: string
  nodedigits: number
  frontendAddress: string | null
  frontendPort: number
  serverPort: number
  trackerInterval: number
  trackerMinInterval: number
  trackerMaxpeers: number
  torrentListenPortMin: number
  torrentListenPortMax: number
  dhcpNetworkId: number | null
  dhcpFirst: string | null
  dhcpLast: string | null
  /** Addresses of the head nodes, as 32 hexadecimal digits each, with commas between. */
  clusterIps: string
  frontendHttps: number
  lwebNumProc: number
  lwebPidfile: string
  torrentPidfile: string
  dhcpServer: string
  nativeDhcpHa: number
  comment: string
  /** Empty: where the distribution's named looks. */
  namedIncludeFile: string
  namedZoneDir: string
}

interface NetworkTable {
  id: Generated<number>
  name: string
  base: string
  prefix: number
  nsHostname: string
  nsAddress: string
  comment: string
  include: string
  revInclude: string
}

/** What was last written of a zone; kept when the zone goes, since its secondaries remember its serial number. */
interface DnsZoneTable {
  id: Generated<number>
  name: string
  serial: number
  /** SHA-256 of the zone's file, hexadecimal. */
  digest: string
}

/** Addresses that an administrator keeps out of allocation. */
interface ReservedTable {
  id: Generated<number>
  networkId: number
  first: string
  last: string
}

interface OsimageTable {
  id: Generated<number>
  name: string
  path: string
  kernver: string
  kernopts: string
  dracutmodules: string
  kernmodules: string
  grabExcludeList: string
  grabFilesystems: string
  packId: number | null
  canaryId: number | null
  /** Generations that are kept besides those that somebody needs. */
  keep: Generated<number>
  comment: string
}

interface PackTable {
  id: Generated<number>
  osimageId: number
  /** `packing` until every file is in place, then `published`. */
  state: string
  createdAtMs: number
  kernver: string
  kernelFile: string
  initrdFile: string
  tarballFile: string
  torrentFile: string
  infoHash: string
  sizeBytes: number
  pieceLengthBytes: number
  distribution: string
  networkWriter: string
  packagesFile: Generated<string>
  packedBy: Generated<string>
  madeFrom: number | null
  /** When nodes began to get it, the last time; null for one that never was the current one. */
  currentAtMs: number | null
}

interface BmcsetupTable {
  id: Generated<number>
  name: string
  user: string
  password: string
  userid: number
  netchannel: number
  mgmtchannel: number
  comment: string
}

interface NodeGroupTable {
  id: Generated<number>
  name: string
  osimageId: number
  bmcsetupId: number | null
  domainId: number | null
  prescript: string
  partscript: string
  postscript: string
  torrentIf: string | null
  bootIf: string | null
  seedMemory: Generated<number>
  /** The generation its nodes get; null: the current one. */
  packId: number | null
  comment: string
}

interface GroupInterfaceTable {
  id: Generated<number>
  groupId: number
  name: string
  networkId: number | null
  network6Id: number | null
  params: string
}

interface NodeTable {
  id: Generated<number>
  name: string
  groupId: number
  mac: string | null
  localboot: number
  setupbmc: number
  service: number
  comment: string
  switchId: number | null
  /** Number or name of the switch's port, as the administrator wrote it. */
  port: string | null
  /** The generation it gets; null: that of its group. */
  packId: number | null
}

interface SwitchTable {
  id: Generated<number>
  name: string
  readCommunity: string
  rwCommunity: string
  /** Root of the table that tells which MAC is behind which port, with a leading dot. */
  oid: string
  comment: string
  /** SNMPv3 (domain/snmp.ts); v2c when the user is empty. */
  snmpUser: Generated<string>
  snmpLevel: Generated<string>
  authProtocol: Generated<string>
  authPassword: Generated<string>
  privProtocol: Generated<string>
  privPassword: Generated<string>
  /** When it last answered; null until it has. */
  polledAtMs: number | null
  /** Why it does not answer; empty when it does. */
  trouble: Generated<string>
}

/** A device that only has a name and addresses: a storage box, a PDU. */
interface OtherdevTable {
  id: Generated<number>
  name: string
  comment: string
}

/** Every address given to anyone; one address can be here once, whatever network it was given from. */
interface AddressTable {
  id: Generated<number>
  address: string
  networkId: number
  /** One of node (with its interface), switch and otherdev has it. */
  nodeId: number | null
  interfaceId: number | null
  switchId: number | null
  otherdevId: number | null
}

/** The port map of a switch: each bridge port with its name. */
interface SwitchPortTable {
  id: Generated<number>
  switchId: number
  /** The port's number: BRIDGE-MIB dot1dBasePort (RFC 4188). */
  port: string
  /** ifName of that port (RFC 2863). */
  name: string
}

/** What a switch said at its last polls: a MAC behind one of its ports. */
interface LearnedMacTable {
  id: Generated<number>
  switchId: number
  /** The port's number: BRIDGE-MIB dot1dBasePort (RFC 4188). */
  port: string
  mac: string
  seenAtMs: number
}

/** A boot of a node, from the discovery that made its token to its end. */
interface BootTable {
  id: Generated<number>
  nodeId: number
  /** SHA-256 of the token, hexadecimal: who reads the database cannot install in a node's name. */
  tokenHash: string
  packId: number | null
  createdAtMs: number
  /** When the token was last used; null until the node has fetched its install script. */
  usedAtMs: number | null
  /** When the token died. */
  endedAtMs: number | null
}

interface InstallEventTable {
  id: Generated<number>
  nodeId: number
  bootId: number | null
  step: string
  atMs: number
  message: string | null
  uptimeS: number | null
  fromHeadBytes: number | null
  fromPeersBytes: number | null
  fromWebBytes: number | null
}

/** Nodes that fetched one image at the same time. It is kept though the image, its generation and the nodes go. */
interface StormTable {
  id: Generated<number>
  osimage: string
  generation: number
  sizeBytes: number
  beganAtMs: number
  /** When the last was done. */
  endedAtMs: number
  nodes: number
  /** Those of them that did not get to the end. */
  unfinished: number
  /** How long half of the nodes took at most, and nine tenths of them. */
  medianMs: number
  p90Ms: number
  fromHeadBytes: number
  fromPeersBytes: number
  /** Those of the head's that came by HTTP. */
  fromWebBytes: number
  /** Who gave bad pieces, and how many had them of it: `NAME=NODES,NAME=NODES`. */
  badSenders: Generated<string>
}

/** One of the slowest nodes of a storm. */
interface StormNodeTable {
  id: Generated<number>
  stormId: number
  node: string
  beganAtMs: number
  /** Null for one that did not get to the end. */
  endedAtMs: number | null
  /** How often it began. */
  tries: number
  fromHeadBytes: number
  fromPeersBytes: number
  fromWebBytes: number
  /** Why it failed, if it did. */
  message: string | null
}

/** A machine that asked to boot and was no node's. */
interface MachineTable {
  id: Generated<number>
  address: string
  serial: string
  asset: string
  uuid: string
  manufacturer: string
  product: string
  firstSeenAtMs: number
  arrivedAtMs: number
  lastSeenAtMs: number
  asked: number
}

interface MachineMacTable {
  id: Generated<number>
  machineId: number
  /** 0 for the one it boots from. */
  position: number
  mac: string
}

export type Row<T extends keyof Schema> = Selectable<Schema[T]>
export type NewRow<T extends keyof Schema> = Insertable<Schema[T]>
