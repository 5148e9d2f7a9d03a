import { LunaError } from '../errors.ts'
import type { Address } from './address.ts'
import type { DhcpServer } from './dhcp-server.ts'

/** The one cluster and its settings; defaults are the original's. */
export interface Cluster {
  user: string
  path: string
  nodeprefix: string
  nodedigits: number
  /** The head's address on the provisioning network; undefined until it is set. */
  frontendAddress: Address | undefined
  frontendPort: number
  /** Nodes reach the frontend by TLS, which nginx ends. */
  frontendHttps: boolean
  serverPort: number
  /** Seconds between announces, the least a client may take, and peers in one answer. */
  trackerInterval: number
  trackerMinInterval: number
  trackerMaxpeers: number
  torrentListenPortMin: number
  torrentListenPortMax: number
  dhcp: DhcpRange | undefined
  /** Addresses of the two head nodes themselves, beside the frontend's, which moves between them; empty with one head. */
  clusterIps: readonly Address[]
  /** Accepted for the sake of old scripts: lweb is one process, and leaves files to nginx. 0 is automatic. */
  lwebNumProc: number
  /** Further files for the daemons' process numbers, beside those in the run directory; empty for none. */
  lwebPidfile: string
  torrentPidfile: string
  dhcpServer: DhcpServer
  /** Both head nodes answer, as a pair of the DHCP server's own kind; cluster_ips says which they are. */
  nativeDhcpHa: boolean
  /** Where named finds its zones; empty: where the distribution's named looks. */
  namedIncludeFile: string
  namedZoneDir: string
  comment: string
}

export interface DhcpRange {
  /** Name of the network it lies in. */
  network: string
  first: Address
  last: Address
}

export const inDhcpRange = ({ first, last }: DhcpRange, { version, value }: Address): boolean =>
  version === first.version && value >= first.value && value <= last.value

export const clusterDefaults: Cluster = {
  user: 'luna',
  path: '/opt/luna',
  nodeprefix: 'node',
  nodedigits: 3,
  frontendAddress: undefined,
  frontendPort: 7050,
  frontendHttps: false,
  serverPort: 7051,
  trackerInterval: 10,
  trackerMinInterval: 5,
  trackerMaxpeers: 200,
  torrentListenPortMin: 7052,
  torrentListenPortMax: 7200,
  dhcp: undefined,
  clusterIps: [],
  lwebNumProc: 0,
  lwebPidfile: '',
  torrentPidfile: '',
  dhcpServer: 'isc',
  nativeDhcpHa: false,
  namedIncludeFile: '',
  namedZoneDir: '',
  comment: '',
}

/** The frontend's address, or one line that says how to set it. */
export function getFrontendAddress(cluster: Cluster): Address {
  if (cluster.frontendAddress) return cluster.frontendAddress
  throw new LunaError(
    'notReady',
    'the head has no frontend address yet; run: luna cluster change --frontend_address ADDRESS',
  )
}

/** Name of the node after the ones taken: node001, or the lowest free number. */
export function nextNodeName(cluster: Cluster, taken: Pick<ReadonlyMap<string, unknown>, 'has'>): string {
  for (let number = 1; ; number++) {
    const name = cluster.nodeprefix + String(number).padStart(cluster.nodedigits, '0')
    if (!taken.has(name)) return name
  }
}

/** How node names begin: with the digits after it, it must make a host's name. */
export function parseNodePrefix(text: string): string {
  if (/^[a-z]([a-z0-9-]{0,30})$/.test(text)) return text
  throw new LunaError('invalid', `"${text}" cannot begin a node's name: use a-z, 0-9 and -, beginning with a letter`)
}

/** useradd(8): what every distribution takes for a user's name. */
export function parseUserName(text: string): string {
  if (/^[a-z_][a-z0-9_-]{0,30}$/.test(text)) return text
  throw new LunaError('invalid', `"${text}" cannot be a user's name`)
}
