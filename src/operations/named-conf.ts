import { dirname, join, matchesGlob } from 'node:path'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { wroteZonesFile } from '../render/dns.ts'
import { type NamedLayout, parseNamedConf } from '../tools/named.ts'
import type { NamedFiles } from './named.ts'

/** What the site's own configuration of named has to do with the zones. */
interface SiteConf {
  /** Whether it includes the file that names the zones. */
  included: boolean
  /** Zone -> file of the site's that has it. */
  zones: Map<string, string>
  hasViews: boolean
}

/** Reads named.conf and what it includes, except for the file that names the zones. */
async function readSiteConf(files: Luna['files'], { mainFile }: NamedLayout, includeFile: string): Promise<SiteConf> {
  const conf: SiteConf = { included: false, zones: new Map(), hasViews: false }
  const waiting = [mainFile]
  for (const path of waiting) {
    const { includes, zones, hasViews } = parseNamedConf((await files.read(path)) ?? '')
    for (const zone of zones) conf.zones.set(zone, path)
    conf.hasViews ||= hasViews
    for (const written of includes) {
      const included = join(written.startsWith('/') ? '/' : dirname(path), written)
      if (included === includeFile || matchesGlob(includeFile, included)) conf.included = true
      else if (!waiting.includes(included)) waiting.push(included)
    }
  }
  return conf
}

/**
 * Refuses to write what would keep named from starting, or over what is not Luna's. Returns warnings of what would keep it from
 * serving the zones.
 */
export async function checkSite(
  files: Luna['files'],
  { layout, includeFile, zoneDirectory }: NamedFiles,
  zones: readonly string[],
): Promise<string[]> {
  await checkOwnFile(files, includeFile, layout)
  if (!layout) return []
  const conf = await readSiteConf(files, layout, includeFile)
  const twice = conf.hasViews ? undefined : zones.find(zone => conf.zones.has(zone))
  if (twice !== undefined)
    throw new LunaError(
      'conflict',
      `zone ${twice} is in ${conf.zones.get(twice)} already, and named takes it from one place only; take it out there`,
    )
  const omission = `${layout.mainFile} does not include ${includeFile}, so named does not know the zones; add this line to ${layout.siteFile}: include "${includeFile}";`
  return [
    ...(conf.included ? [] : [omission]),
    ...(await checkConfinement(files, layout, dirname(includeFile))),
    ...(await checkConfinement(files, layout, zoneDirectory)),
  ]
}

/** `touch` makes an empty one, and Luna 1.2 wrote one without our mark where the distribution has it. */
async function checkOwnFile(files: Luna['files'], path: string, layout: NamedLayout | undefined): Promise<void> {
  const text = (await files.read(path)) ?? ''
  if (text.trim() === '' || wroteZonesFile(text) || path === layout?.includeFile) return
  throw new LunaError(
    'conflict',
    `${path} was not written by Luna; move it away, or run: luna cluster change --named_include_file FILE`,
  )
}

async function checkConfinement(files: Luna['files'], { confined }: NamedLayout, directory: string): Promise<string[]> {
  if (!confined || confined.directories.some(one => `${directory}/`.startsWith(`${one}/`))) return []
  if ((await files.read(confined.by)) === undefined) return []
  if ((await files.read(confined.siteRules))?.includes(directory)) return []
  return [
    `AppArmor keeps named from ${directory}; add this line to ${confined.siteRules} and reload its profile: ${directory}/** r,`,
  ]
}
