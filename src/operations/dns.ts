import { createHash } from 'node:crypto'
import { findSerial, isNewerSerial, nextSerial } from '../domain/dns-serial.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { renderZone, renderZonesFile, wroteZone, type ZoneView, zoneEnding, zoneViews } from '../render/dns.ts'
import { listHeldAddresses } from '../store/addresses.ts'
import { getCluster } from '../store/clusters.ts'
import { type DnsZone, listDnsZones, putDnsZone } from '../store/dns-zones.ts'
import { listNetworks } from '../store/networks.ts'
import { listHostNames } from '../store/nodes.ts'
import type { Tx } from '../store/store.ts'
import { checkZones, complaintOfNamed } from '../tools/named.ts'
import { findNamedFiles, reloadNamed } from './named.ts'
import { checkSite } from './named-conf.ts'
import { oneAtATime } from './one-at-a-time.ts'

type Needs = Pick<Luna, 'store' | 'files' | 'fileSets' | 'templates' | 'exec' | 'locks' | 'clock'>

/**
 * Writes the zones of all networks and the file that names them, and has named read them. All or nothing: named-checkconf accepts
 * them first. Returns warnings: names that cannot be in DNS, a named.conf that does not include the file, a named that does not run.
 */
export const makeDns = (luna: Needs): Promise<string[]> => oneAtATime(luna, 'makedns', () => writeZones(luna))

async function writeZones(luna: Needs): Promise<string[]> {
  const { store, files, fileSets, templates } = luna
  const { cluster, networks, held, hosts, stored } = await store.read(readFacts)
  const { zones, warnings } = zoneViews(networks, held, hosts)
  const place = await findNamedFiles(files, cluster)
  const siteWarnings = await checkSite(
    files,
    place,
    zones.map(({ zone }) => zone),
  )
  const present = await fileSets.read(place.zoneDirectory, zoneEnding)
  const written = zones.map(view => writeZone(luna, view, stored.get(view.zone), present.get(view.zone + zoneEnding)))
  const names = new Set(written.map(zone => zone.name + zoneEnding))
  await fileSets.replace({
    directory: place.zoneDirectory,
    parts: written.map(({ name, text }) => ({ name: name + zoneEnding, content: text })),
    main: {
      path: place.includeFile,
      contentFor: directory => renderZonesFile(zones, directory, templates.render),
    },
    check: checkZones,
    complaint: complaintOfNamed,
    accepted: () => store.write(tx => storeZones(tx, stored, written)),
    obsolete: [...present].filter(([name, text]) => wroteZone(text) && !names.has(name)).map(([name]) => name),
  })
  return [...warnings, ...siteWarnings, ...(await reloadNamed(luna, place))]
}

async function readFacts(tx: Tx) {
  return {
    cluster: await getCluster(tx),
    networks: (await listNetworks(tx)).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    held: await listHeldAddresses(tx),
    hosts: await listHostNames(tx),
    stored: new Map((await listDnsZones(tx)).map(zone => [zone.name, zone])),
  }
}

/**
 * The zone's file, with the serial number that it has already where the text is the same. A file that is not as Luna left it may have
 * had its number raised by hand, and secondaries know that one.
 */
function writeZone(luna: Needs, view: ZoneView, stored: DnsZone | undefined, present: string | undefined) {
  const write = (serial: number) => {
    const text = renderZone(view, serial, luna.templates.render)
    return { name: view.zone, serial, text, digest: createHash('sha256').update(text).digest('hex') }
  }
  const seen = present === undefined ? undefined : findSerial(present)
  if (stored) {
    const same = write(stored.serial)
    const overtaken = seen !== undefined && present !== same.text && !isNewerSerial(stored.serial, seen)
    if (same.digest === stored.digest && !overtaken) return same
  }
  const known = [stored?.serial, seen].filter(serial => serial !== undefined)
  return write(nextSerial(known, luna.clock()))
}

/** The other head node may have written the same zones since. */
async function storeZones(tx: Tx, read: ReadonlyMap<string, DnsZone>, written: readonly DnsZone[]): Promise<void> {
  const now = new Map((await listDnsZones(tx)).map(zone => [zone.name, zone.serial]))
  for (const { name, serial, digest } of written) {
    if (read.get(name)?.digest === digest) continue
    if (now.get(name) !== read.get(name)?.serial)
      throw new LunaError('conflict', `zone ${name} was written by another command at the same moment; try again`)
    await putDnsZone(tx, { name, serial, digest })
  }
}
