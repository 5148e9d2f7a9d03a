import { formatAddress } from '../domain/address.ts'
import { contains } from '../domain/cidr.ts'
import { type Cluster, type DhcpRange, getFrontendAddress } from '../domain/cluster.ts'
import { type FailoverPair, failoverPair } from '../domain/failover.ts'
import { frontendUrl } from '../domain/frontend-url.ts'
import type { Network } from '../domain/network.ts'
import type { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { dhcpView } from '../render/dhcp.ts'
import { getCluster, putCluster } from '../store/clusters.ts'
import { listGroups } from '../store/groups.ts'
import { getNetwork } from '../store/networks.ts'
import { listNodes } from '../store/nodes.ts'
import { type DhcpProgram, dhcpPrograms, type Family } from '../tools/dhcp-servers.ts'
import { keaHooksDirectory } from '../tools/kea.ts'
import { isUnitActive, restartUnit } from '../tools/systemctl.ts'
import { planRange } from './dhcp-range.ts'
import { oneAtATime } from './one-at-a-time.ts'

export interface DhcpInput {
  range?: DhcpRange | undefined
  /** Whether both heads answer; as stored when it is left out. */
  nativeDhcpHa?: boolean | undefined
}

type Parts = Pick<Luna, 'store' | 'files' | 'templates' | 'exec' | 'neighbours' | 'locks' | 'clock'>

/**
 * Writes the DHCP server's configuration and reserves the range; what is not given is taken from what is stored. It is stored
 * only when the server's own checker accepts the file. Returns warnings: the server could not be restarted, another runs, too.
 */
export const makeDhcp = (luna: Parts, input: DhcpInput): Promise<string[]> =>
  oneAtATime(luna, 'makedhcp', () => writeDhcp(luna, input))

async function writeDhcp(luna: Parts, input: DhcpInput): Promise<string[]> {
  const { store, files, templates } = luna
  const plan = await store.read(async tx => ({
    ...(await planRange(tx, input)),
    nodes: await listNodes(tx),
    groups: await listGroups(tx),
  }))
  const program = dhcpPrograms[plan.cluster.dhcpServer]
  const family = await findFamily(files, program)
  const view = dhcpView({ ...plan, pair: await findPair(luna, plan.cluster) })
  const hooks_directory = keaHooksDirectory(family, process.arch)
  await files.replace({
    path: program.file,
    content: templates.render(program.template, { ...view, hooks_directory }),
    check: program.check,
    complaint: program.complaint,
    // planned again under the write lock: another command may have taken an address of the range since
    accepted: () =>
      store.write(async tx => {
        const { cluster, range } = await planRange(tx, input)
        await putCluster(tx, { ...cluster, dhcp: range })
      }),
  })
  return [...(await restart(luna, program, family)), ...(await findRivals(luna, program))]
}

async function findPair(
  { neighbours }: Pick<Luna, 'neighbours'>,
  { nativeDhcpHa, clusterIps }: Cluster,
): Promise<FailoverPair | undefined> {
  if (!nativeDhcpHa) return undefined
  const found = await Promise.all(clusterIps.map(address => neighbours.find(address)))
  return failoverPair(
    clusterIps,
    found.map(one => one.own),
  )
}

/** What is to be done after the cluster has changed: of two servers that answer at once each contradicts the other, and one that is
 * told nothing sends machines where the head was. */
export async function adviseAfterChange(
  { store, files }: Pick<Luna, 'store' | 'files'>,
  before: Cluster,
): Promise<string | undefined> {
  const { after, network } = await store.read(async tx => {
    const after = await getCluster(tx)
    return { after, network: after.dhcp && (await getNetwork(tx, after.dhcp.network)) }
  })
  if (!network) return undefined
  const { dhcpServer } = after
  if (dhcpServer === before.dhcpServer) return adviseOfUrl(before, after, network)
  const [old, next] = [dhcpPrograms[before.dhcpServer], dhcpPrograms[dhcpServer]]
  const unit = old.units[await findFamily(files, old)]
  return `stop ${old.title} (systemctl disable --now ${unit}), then give ${next.title} its configuration: luna cluster makedhcp`
}

function adviseOfUrl(before: Cluster, after: Cluster, { name, cidr }: Network): string | undefined {
  if (!before.frontendAddress || frontendUrl(before) === frontendUrl(after)) return undefined
  const address = getFrontendAddress(after)
  if (!contains(cidr, address))
    return `${formatAddress(address)} is not in network "${name}", where DHCP answers; run: luna cluster makedhcp -N NETWORK -s START_IP -e END_IP, with a network that holds it`
  return `for machines that boot to be sent to ${frontendUrl(after)}, run: luna cluster makedhcp`
}

async function restart({ exec }: Pick<Luna, 'exec'>, { file, units }: DhcpProgram, family: Family): Promise<string[]> {
  const unit = units[family]
  try {
    await exec.run(restartUnit(unit))
    return []
  } catch (error) {
    const { message, detail } = error as LunaError
    return [
      `${file} is in place, but ${unit} did not restart (${message}); see: systemctl status ${unit}${detail ? `\n${detail}` : ''}`,
    ]
  }
}

/** Servers that run beside the one that is configured: Kea starts even so, and machines would get the answer of either. */
async function findRivals({ exec }: Pick<Luna, 'exec'>, program: DhcpProgram): Promise<string[]> {
  const others = Object.values(dhcpPrograms).filter(one => one !== program)
  const units = others.flatMap(one => Object.values(one.units))
  const active = await Promise.all(units.map(unit => succeeds(exec.run(isUnitActive(unit)))))
  return units
    .filter((_, index) => active[index])
    .map(unit => `${unit} runs, too, and answers the same machines; run: systemctl disable --now ${unit}`)
}

const succeeds = (run: Promise<unknown>): Promise<boolean> =>
  run.then(
    () => true,
    () => false,
  )

/** Debian's where Debian's package is: it has a unit, or an init script still. */
async function findFamily(files: Pick<Luna['files'], 'read'>, { units }: DhcpProgram): Promise<Family> {
  const places = [`/etc/init.d/${units.debian}`, `/usr/lib/systemd/system/${units.debian}.service`]
  const found = await Promise.all(places.map(path => files.read(path)))
  return found.some(text => text !== undefined) ? 'debian' : 'redhat'
}
