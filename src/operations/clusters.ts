import { type Address, formatAddress, sameAddress } from '../domain/address.ts'
import { type Cluster, clusterDefaults, inDhcpRange } from '../domain/cluster.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { findAddressOwner } from '../store/addresses.ts'
import { countObjects, deleteEverything, findCluster, getCluster, putCluster } from '../store/clusters.ts'
import type { Tx } from '../store/store.ts'

/** Settings as an administrator gives them: those left out stay as they are. */
export type ClusterInput = Partial<Omit<Cluster, 'dhcp'>>

/** Makes the cluster and its directories, owned by the daemons' user. */
export async function initCluster(
  { store, site }: Pick<Luna, 'store' | 'site'>,
  input: ClusterInput,
): Promise<Cluster> {
  const cluster = { ...clusterDefaults, ...input }
  checkCluster(cluster)
  await store.read(checkNoCluster)
  await site.prepareCluster(cluster.path, cluster.user)
  await store.write(async tx => {
    await checkNoCluster(tx)
    await putCluster(tx, cluster)
  })
  return cluster
}

async function checkNoCluster(tx: Tx): Promise<void> {
  if (await findCluster(tx)) throw new LunaError('conflict', 'the cluster exists already; see: luna cluster show')
}

export const showCluster = ({ store }: Pick<Luna, 'store'>): Promise<Cluster> => store.read(getCluster)

/** A new path or user gets its directories, and the database, before the cluster says so. */
export async function changeCluster(
  { store, site, config }: Pick<Luna, 'store' | 'site' | 'config'>,
  input: ClusterInput,
): Promise<void> {
  if (input.frontendHttps) checkTlsServer(config)
  const { path, user } = await store.read(tx => planChange(tx, input))
  if (input.path !== undefined || input.user !== undefined) await site.prepareCluster(path, user)
  await store.write(async tx => putCluster(tx, await planChange(tx, input)))
}

async function planChange(tx: Tx, input: ClusterInput): Promise<Cluster> {
  const cluster = { ...(await getCluster(tx)), ...input }
  checkCluster(cluster)
  const ofHeads = [...(input.frontendAddress ? [input.frontendAddress] : []), ...(input.clusterIps ?? [])]
  for (const address of ofHeads) await checkHeadFree(tx, cluster, address)
  return cluster
}

function checkTlsServer({ frontend, path }: Luna['config']): void {
  if (frontend === 'nginx') return
  throw new LunaError(
    'notReady',
    `frontend_https needs nginx, with a certificate, in front of lweb: see share/luna/nginx/luna.conf, then write frontend = nginx below [lweb] in ${path}`,
  )
}

async function checkHeadFree(tx: Tx, { dhcp }: Cluster, address: Address): Promise<void> {
  const owner = await findAddressOwner(tx, address)
  if (owner) throw new LunaError('conflict', `${formatAddress(address)} is the address of ${owner}`)
  if (dhcp && inDhcpRange(dhcp, address))
    throw new LunaError('conflict', `${formatAddress(address)} is in the DHCP range of network "${dhcp.network}"`)
}

/** Forgets everything; files below the cluster's path stay. */
export async function deleteCluster({ store }: Pick<Luna, 'store'>, input: { force: boolean }): Promise<void> {
  await store.write(async tx => {
    await getCluster(tx)
    const left = (await countObjects(tx)).filter(({ count }) => count > 0)
    if (!input.force && left.length > 0)
      throw new LunaError(
        'inUse',
        `the cluster still has ${left.map(({ noun, count }) => `${noun} (${count})`).join(', ')}; to forget them all: luna cluster delete --force`,
      )
    await deleteEverything(tx)
  })
}

function checkCluster(cluster: Cluster): void {
  const { lwebPidfile, clusterIps } = cluster
  if (lwebPidfile !== '' && lwebPidfile === cluster.torrentPidfile)
    throw new LunaError('invalid', `lweb_pidfile and torrent_pidfile are both ${lwebPidfile}; they must differ`)
  if (clusterIps.length === 2 && sameAddress(clusterIps[0]!, clusterIps[1]!))
    throw new LunaError('invalid', `cluster_ips holds ${formatAddress(clusterIps[0]!)} twice; the heads' must differ`)
  if (cluster.torrentListenPortMin > cluster.torrentListenPortMax)
    throw new LunaError('invalid', 'torrent_listen_port_min is above torrent_listen_port_max; nothing was changed')
  if (cluster.trackerMinInterval > cluster.trackerInterval)
    throw new LunaError('invalid', 'tracker_min_interval is above tracker_interval; nothing was changed')
  if (cluster.frontendPort === cluster.serverPort)
    throw new LunaError('invalid', `frontend_port and server_port are both ${cluster.frontendPort}; they must differ`)
}
