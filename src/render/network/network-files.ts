import type { NetworkWriter } from '../../domain/distribution.ts'
import { type NetworkInput, networkView } from './network-view.ts'

/** A file for the node. `@BOOTIF@` in path and content is replaced on the node by the system's name of the boot interface. */
export interface NodeFile {
  path: string
  /** Octal, four digits. */
  mode: string
  content: string
}

/** Makes a text from a template and its variables (`Templates.render`). */
export type RenderTemplate = (name: string, variables: Readonly<Record<string, unknown>>) => string

type Format = { mode: string } & ({ path: string } | { pathOf: (name: string) => string })

/** One file per interface (`pathOf`) or one for all (`path`); the template is `network/WRITER.liquid`. */
const formats: Record<NetworkWriter, Format> = {
  // the older network scripts find an interface's file by the system's name of it
  ifcfg: { pathOf: name => `/etc/sysconfig/network-scripts/ifcfg-${placeholder(name)}`, mode: '0644' },
  // NetworkManager ignores keyfiles that others than root can read (nm-settings-keyfile(5))
  keyfile: { pathOf: name => `/etc/NetworkManager/system-connections/luna-${name}.nmconnection`, mode: '0600' },
  // the first file that matches counts (systemd.network(5)): before what an image may bring, such as 80-ethernet.network
  networkd: { pathOf: name => `/etc/systemd/network/10-luna-${name}.network`, mode: '0644' },
  wicked: { pathOf: name => `/etc/sysconfig/network/ifcfg-${placeholder(name)}`, mode: '0644' },
  // the whole file, so that an iface of the machine the image was made on does not linger
  ifupdown: { path: '/etc/network/interfaces', mode: '0644' },
  // merged with the image's others, later names win (netplan-generate(8)); it complains of files that others can read
  netplan: { path: '/etc/netplan/90-luna.yaml', mode: '0600' },
}

const placeholder = (name: string): string => (name === 'BOOTIF' ? '@BOOTIF@' : name)

/** Patterns of all files that nodes get of their own: what `renderNetworkFiles` may write. */
export const patternsOfNodeFiles: readonly string[] = [
  '/etc/hostname',
  ...Object.values(formats).map(format => ('path' in format ? format.path : format.pathOf('*'))),
]

/** /etc/hostname and the network configuration of one node, in the format that its image reads. */
export function renderNetworkFiles(writer: NetworkWriter, input: NetworkInput, render: RenderTemplate): NodeFile[] {
  const format = formats[writer]
  const template = `network/${writer}.liquid`
  const { hostname, interfaces } = networkView(input)
  const hostnameFile = { path: '/etc/hostname', mode: '0644', content: render('network/hostname.liquid', { hostname }) }
  if ('path' in format) {
    const content = render(template, { hostname, interfaces })
    return [hostnameFile, { path: format.path, mode: format.mode, content }]
  }
  const files = interfaces.map(one => ({
    path: format.pathOf(one.name),
    mode: format.mode,
    content: render(template, { hostname, interface: one }),
  }))
  return [hostnameFile, ...files]
}
