import { type Address, formatAddress } from '../domain/address.ts'
import type { Cluster } from '../domain/cluster.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { listPacks } from '../store/packs.ts'
import type { Command } from '../tools/command.ts'
import { cleanCommand, copyCommand, explainRsync, type MirrorInput } from '../tools/rsync.ts'
import { filesOf, packingDirectory } from './pack-plan.ts'

/**
 * Makes the cluster's path on the other head what it is here. First everything new goes there, then what is gone here is deleted there;
 * never what a stored generation needs, which the other head may have packed itself. Returns whereto.
 */
export async function syncHeads(
  luna: Pick<Luna, 'store' | 'exec' | 'neighbours'>,
): Promise<{ path: string; to: string }> {
  const { cluster, packs } = await luna.store.read(async tx => ({
    cluster: await getCluster(tx),
    packs: await listPacks(tx),
  }))
  const { path } = cluster
  const input: MirrorInput = {
    path,
    to: await findOtherHead(luna, cluster),
    excluded: [`/${packingDirectory}/`],
    kept: packs.flatMap(pack => filesOf(pack, { boot: '/boot', torrents: '/torrents' })),
  }
  const to = formatAddress(input.to)
  await run(luna, copyCommand(input), to)
  await run(luna, cleanCommand(input), to)
  return { path, to }
}

export async function findOtherHead(
  { neighbours }: Pick<Luna, 'neighbours'>,
  { clusterIps }: Cluster,
): Promise<Address> {
  if (clusterIps.length === 0)
    throw new LunaError('notReady', 'there is one head only; name both: luna cluster change --cluster_ips A,B')
  const heads = await Promise.all(
    clusterIps.map(async address => ({ address, own: (await neighbours.find(address)).own })),
  )
  const others = heads.filter(head => !head.own)
  if (others.length === 1) return others[0]!.address
  const which = others.length === 0 ? 'both addresses' : 'neither address'
  throw new LunaError(
    'invalid',
    `this machine has ${which} of cluster_ips (${clusterIps.map(formatAddress).join(',')}); set them to the heads' own: luna cluster change --cluster_ips A,B`,
  )
}

async function run({ exec }: Pick<Luna, 'exec'>, command: Command, to: string): Promise<void> {
  try {
    await exec.run(command)
  } catch (error) {
    const { status, message, detail } = error as LunaError & { status?: number }
    const cause = explainRsync(status, detail ?? '', to)
    if (!cause) throw error
    throw new LunaError('failed', `${message} while it copied to ${to}: ${cause}`, {
      cause: error,
      ...(detail && { detail }),
    })
  }
}
