/** What an image is, told from its files: its distribution, and who configures the network in it. */

export type DistributionFamily = 'redhat' | 'debian' | 'ubuntu' | 'suse' | 'unknown'

export interface Distribution {
  /** `ID` of os-release(5): `rocky`, `debian`, `sles`; `linux` when the image does not say. */
  id: string
  /** `VERSION_ID`: `9.4`, `12`; empty when there is none (Debian sid, rolling releases). */
  version: string
  family: DistributionFamily
  /** For people: `Rocky Linux 9.4 (Blue Onyx)`. */
  prettyName: string
}

/** How network configuration is written, named by the format. */
export type NetworkWriter = 'ifcfg' | 'keyfile' | 'ifupdown' | 'networkd' | 'netplan' | 'wicked'

export interface NetworkChoice {
  writer: NetworkWriter
  /** False: nothing in the image reads these files; worth a warning when the image is packed. */
  installed: boolean
}

/** Where os-release may be in an image, the first that is there counts (os-release(5)). */
export const osReleasePaths = ['/etc/os-release', '/usr/lib/os-release'] as const

/** What shows that software is in an image, and that it is to run at boot. Any one path of a list is enough. */
interface Evidence {
  installed: readonly string[]
  /** All of these must be there as well. */
  with?: readonly string[]
  /** No list: what is installed is also in use. */
  enabled?: readonly string[]
}

const wants = '/etc/systemd/system/multi-user.target.wants'
/** Before and after the merge of /usr: both, since a link such as /lib may not be followable outside the image. */
const inSbin = (name: string) => [`/usr/sbin/${name}`, `/sbin/${name}`, `/usr/bin/${name}`]
const inLib = (path: string) => [`/usr/lib/${path}`, `/lib/${path}`]

const networkManager = { installed: inSbin('NetworkManager'), enabled: [`${wants}/NetworkManager.service`] }

const evidence: Record<NetworkWriter, Evidence> = {
  netplan: { installed: inSbin('netplan') }, // a systemd generator: nothing to enable
  networkd: { installed: inLib('systemd/systemd-networkd'), enabled: [`${wants}/systemd-networkd.service`] },
  // NetworkManager and others bring /etc/network/if-up.d along, and Red Hat has an ifup of its own: both are needed
  ifupdown: { installed: inSbin('ifup'), with: ['/etc/network'], enabled: [`${wants}/networking.service`] },
  wicked: { installed: inSbin('wicked'), enabled: [`${wants}/wicked.service`] },
  keyfile: networkManager,
  // read by NetworkManager's ifcfg-rh plugin and by the older network service alike
  ifcfg: {
    installed: [...networkManager.installed, '/etc/sysconfig/network-scripts/ifup', '/etc/sysconfig/network-scripts'],
    enabled: [...networkManager.enabled, '/etc/rc.d/rc3.d/S10network'],
  },
}

/** Every path that tells writers apart. Links on the way are the image's: they are never followed out to the head's files. */
export const networkEvidencePaths: readonly string[] = [
  ...new Set(Object.values(evidence).flatMap(one => [...one.installed, ...(one.with ?? []), ...(one.enabled ?? [])])),
]

interface Preference {
  order: readonly NetworkWriter[]
  /** When nothing of the order is installed. */
  otherwise: NetworkWriter
}

const preferences: Record<DistributionFamily | 'redhatBefore9', Preference> = {
  // RHEL 9 writes keyfiles and reads ifcfg files only as a courtesy, RHEL 10 and Fedora 41 do not read them at all
  redhat: { order: ['keyfile', 'networkd'], otherwise: 'keyfile' },
  redhatBefore9: { order: ['ifcfg', 'networkd'], otherwise: 'ifcfg' },
  // Debian's NetworkManager leaves alone what /etc/network/interfaces names, so ifupdown goes first; networkd is in every
  // image but enabled by nobody except on purpose
  debian: { order: ['netplan', 'networkd', 'ifupdown', 'keyfile'], otherwise: 'ifupdown' },
  ubuntu: { order: ['netplan', 'networkd', 'ifupdown', 'keyfile'], otherwise: 'netplan' },
  suse: { order: ['wicked', 'keyfile', 'networkd'], otherwise: 'wicked' },
  unknown: { order: ['netplan', 'networkd', 'keyfile', 'ifupdown', 'wicked', 'ifcfg'], otherwise: 'ifcfg' },
}

/**
 * The writer for an image: in the order of its family (docs/templates.md), the first whose software is enabled; else the
 * first whose software is installed; else the family's own.
 * @param paths those of `networkEvidencePaths` that are in the image
 */
export function chooseNetworkWriter(distribution: Distribution, paths: ReadonlySet<string>): NetworkChoice {
  const { order, otherwise } = preferences[preferenceOf(distribution)]
  const anyOf = (list: readonly string[]) => list.some(path => paths.has(path))
  const installed = order.filter(writer => {
    const { installed, with: needed = [] } = evidence[writer]
    return anyOf(installed) && needed.every(path => paths.has(path))
  })
  const enabled = installed.filter(writer => anyOf(evidence[writer].enabled ?? evidence[writer].installed))
  const writer = enabled[0] ?? installed[0]
  return { writer: writer ?? otherwise, installed: writer !== undefined }
}

function preferenceOf({ family, id, version }: Distribution): keyof typeof preferences {
  const major = Number.parseInt(version, 10)
  return family === 'redhat' && id !== 'fedora' && major < 9 ? 'redhatBefore9' : family
}

/** Units that bring up what was written, where installing their package does not enable them. */
export const unitsToEnable = (writer: NetworkWriter): readonly string[] =>
  writer === 'networkd' ? ['systemd-networkd.service'] : []

/** Derivatives name what they derive from in ID_LIKE; Ubuntu's name debian too, so ubuntu is looked for first. */
const families: readonly [DistributionFamily, readonly string[]][] = [
  ['ubuntu', ['ubuntu']],
  ['debian', ['debian']],
  ['suse', ['suse', 'opensuse', 'sles', 'sled']],
  ['redhat', ['rhel', 'fedora', 'centos', 'rocky', 'almalinux', 'ol', 'scientific', 'amzn']],
]

/** Reads the text of os-release(5); an empty text is an image that does not say what it is (CentOS 6 and older). */
export function parseDistribution(osRelease: string): Distribution {
  const fields = parseOsRelease(osRelease)
  const id = fields.get('ID') || 'linux'
  const words = [id, ...(fields.get('ID_LIKE') ?? '').split(/\s+/)]
  const family = families.find(([, names]) => words.some(word => names.includes(word)))?.[0] ?? 'unknown'
  const prettyName = fields.get('PRETTY_NAME') || fields.get('NAME') || 'Linux'
  return { id, version: fields.get('VERSION_ID') ?? '', family, prettyName }
}

/** Shell assignments without expansion, quoted or not; anything else is passed over, as os-release(5) asks. */
function parseOsRelease(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Z0-9_]+)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']*))\s*$/.exec(line)
    if (!match) continue
    const [, key, double, single, plain] = match
    fields.set(key!, double?.replace(/\\([$"\\`])/g, '$1') ?? single ?? plain ?? '')
  }
  return fields
}
