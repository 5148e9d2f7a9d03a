import type { Cluster } from '../domain/cluster.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { type NamedLayout, namedLayouts, reloadByRndc } from '../tools/named.ts'
import { reloadUnit } from '../tools/systemctl.ts'

/** Where this head's named has its files; a cluster's own settings go before the distribution's. */
export interface NamedFiles extends Pick<NamedLayout, 'includeFile' | 'zoneDirectory'> {
  /** Of the distribution, when one of the known ones has named installed. */
  layout: NamedLayout | undefined
}

export async function findNamedFiles(files: Luna['files'], cluster: Cluster): Promise<NamedFiles> {
  const layout = await findNamedLayout(files)
  const includeFile = cluster.namedIncludeFile || layout?.includeFile
  const zoneDirectory = cluster.namedZoneDir || layout?.zoneDirectory
  if (includeFile !== undefined && zoneDirectory !== undefined) return { layout, includeFile, zoneDirectory }
  const mainFiles = namedLayouts.map(one => one.mainFile).join(' nor ')
  throw new LunaError(
    'notReady',
    `named is not installed here: there is neither ${mainFiles}; install bind9 (Debian, Ubuntu) or bind (Red Hat)`,
  )
}

/** Of the distribution whose named is installed here. */
export async function findNamedLayout(files: Luna['files']): Promise<NamedLayout | undefined> {
  for (const layout of namedLayouts) if ((await files.read(layout.mainFile)) !== undefined) return layout
  return undefined
}

/** Debian called the unit bind9 up to 10 and names it so still beside named; Red Hat has another for a named in a chroot. */
const units = [
  ['/etc/systemd/system/multi-user.target.wants/named-chroot.service', 'named-chroot'],
  ['/lib/systemd/system/named.service', 'named'],
  ['/lib/systemd/system/bind9.service', 'bind9'],
] as const

/** A warning when named could not be told. */
export async function reloadNamed(
  { exec, files }: Pick<Luna, 'exec' | 'files'>,
  { includeFile }: NamedFiles,
): Promise<string[]> {
  const unit = await findUnit(files)
  try {
    await exec.run(reloadUnit(unit)).catch(error => {
      if (hasNoSystemd(error)) return exec.run(reloadByRndc)
      throw error
    })
    return []
  } catch (error) {
    const { message, detail } = error as LunaError
    return [
      `${includeFile} and its zones are in place, but ${unit} did not reload (${message}); see: systemctl status ${unit}${detail ? `\n${detail}` : ''}`,
    ]
  }
}

async function findUnit(files: Luna['files']): Promise<string> {
  for (const [path, name] of units) if ((await files.read(path)) !== undefined) return name
  return 'named'
}

/** No systemd here, as in a container: systemctl(1) is missing or says so. */
const hasNoSystemd = (error: unknown): boolean =>
  ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT' ||
  /not been booted with systemd/.test((error as LunaError).detail ?? '')
