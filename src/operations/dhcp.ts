import type { Cluster, DhcpRange } from '../domain/cluster.ts'
import type { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { dhcpView } from '../render/dhcp.ts'
import { getCluster, putCluster } from '../store/clusters.ts'
import { listGroups } from '../store/groups.ts'
import { listNodes } from '../store/nodes.ts'
import { type DhcpProgram, dhcpPrograms } from '../tools/dhcp-servers.ts'
import { restartUnit } from '../tools/systemctl.ts'
import { planRange } from './dhcp-range.ts'

/**
 * Writes the DHCP server's configuration and reserves the range; with none, writes it again from what is stored. The range is
 * stored only when the server's own checker accepts the file. Returns a warning when the server could not be restarted.
 */
export async function makeDhcp(
  { store, files, templates, exec }: Pick<Luna, 'store' | 'files' | 'templates' | 'exec'>,
  input: DhcpRange | undefined,
): Promise<{ path: string; warning: string | undefined }> {
  const { program, view } = await store.read(async tx => {
    const { cluster, network, range } = await planRange(tx, input)
    const view = dhcpView(cluster, network, range, await listNodes(tx), await listGroups(tx))
    return { program: dhcpPrograms[cluster.dhcpServer], view }
  })
  await files.replace({
    path: program.file,
    content: templates.render(program.template, { ...view }),
    check: program.check,
    complaint: program.complaint,
    // planned again under the write lock: another command may have taken an address of the range since
    accepted: () =>
      store.write(async tx => {
        const { cluster, range } = await planRange(tx, input)
        await putCluster(tx, { ...cluster, dhcp: range })
      }),
  })
  return { path: program.file, warning: await restart({ exec, files }, program) }
}

/** What is to be done after another server has been chosen, or undefined: two that answer at once contradict each other. */
export async function adviseAfterChange(
  { store, files }: Pick<Luna, 'store' | 'files'>,
  before: Cluster,
): Promise<string | undefined> {
  const { dhcp, dhcpServer } = await store.read(getCluster)
  if (!dhcp || dhcpServer === before.dhcpServer) return undefined
  const [old, next] = [dhcpPrograms[before.dhcpServer], dhcpPrograms[dhcpServer]]
  return `stop ${old.title} (systemctl disable --now ${await findUnit(files, old)}), then give ${next.title} its configuration: luna cluster makedhcp`
}

async function restart(
  { exec, files }: Pick<Luna, 'exec' | 'files'>,
  program: DhcpProgram,
): Promise<string | undefined> {
  const unit = await findUnit(files, program)
  try {
    await exec.run(restartUnit(unit))
    return undefined
  } catch (error) {
    const { message, detail } = error as LunaError
    return `${program.file} is in place, but ${unit} did not restart (${message}); see: systemctl status ${unit}${detail ? `\n${detail}` : ''}`
  }
}

/** Debian's name where Debian's package is: of a unit, or of an init script still. */
async function findUnit(files: Pick<Luna['files'], 'read'>, { units }: DhcpProgram): Promise<string> {
  const places = [`/etc/init.d/${units.debian}`, `/usr/lib/systemd/system/${units.debian}.service`]
  const found = await Promise.all(places.map(path => files.read(path)))
  return found.some(text => text !== undefined) ? units.debian : units.redhat
}
