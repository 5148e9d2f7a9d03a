import { type Address, formatAddress } from '../domain/address.ts'
import { netmaskOf } from '../domain/cidr.ts'
import { type NetworkWriter, unitsToEnable } from '../domain/distribution.ts'
import { frontendUrl, headUrls } from '../domain/frontend-url.ts'
import { bmcInterface, bootInterfaceOf } from '../domain/group.ts'
import type { InstallScriptInput } from '../render/install-script.ts'
import { type RenderTemplate, renderNetworkFiles } from '../render/network/network-files.ts'
import type { InterfaceInput, NetworkInput } from '../render/network/network-view.ts'
import { type BootFacts, hostnameOf, networkOfAddress } from './boot-facts.ts'

/** What a node holds of an image that it does not keep, while it unpacks as fast as it fetches: two windows (luna-client: --window), and some on their way. */
const piecesAtOnce = 2 * 64 + 16

/** What a node's install script is made of, network files included. */
export function installScriptInput(facts: BootFacts, token: string, render: RenderTemplate): InstallScriptInput {
  const { cluster, node, group, osimage, pack } = facts
  const frontend = frontendUrl(cluster)
  const writer = pack.networkWriter as NetworkWriter
  return {
    node: node.name,
    hostname: hostnameOf(facts),
    url: `${frontend}/luna`,
    token,
    image: {
      name: osimage.name,
      generation: pack.id,
      tarballUrls: headUrls(cluster).map(head => `${head}/torrents/${pack.tarballFile}`),
      torrentUrl: `${frontend}/torrents/${pack.torrentFile}`,
      announceUrl: `${frontend}/announce?node=${node.name}`,
      infoHash: pack.infoHash,
      sizeBytes: pack.sizeBytes,
      fileName: pack.tarballFile,
      seedMemory: group.seedMemory,
      roomBytes: group.seedMemory ? pack.sizeBytes : Math.min(pack.sizeBytes, piecesAtOnce * pack.pieceLengthBytes),
    },
    listenPorts: { min: cluster.torrentListenPortMin, max: cluster.torrentListenPortMax },
    torrentIf: torrentIfOf(facts),
    prescript: group.prescript,
    partscript: group.partscript,
    postscript: group.postscript,
    files: renderNetworkFiles(writer, networkInput(facts), render),
    enableUnits: unitsToEnable(writer),
    setupbmc: setupbmcOf(facts),
  }
}

/** An IPv4 address first: every kind of network has that. */
function torrentIfOf(facts: BootFacts): InstallScriptInput['torrentIf'] {
  const name = facts.group.torrentIf
  if (name === undefined || name === bootInterfaceOf(facts.group)) return undefined
  const held = facts.node.addresses.filter(one => one.interface === name)
  const one = held.find(({ address }) => isIpv4(address)) ?? held[0]
  return one && { name, address: `${formatAddress(one.address)}/${networkOfAddress(facts, one).cidr.prefix}` }
}

/** Without name servers: an image brings its own resolv.conf, and a site may say otherwise in an interface's parameters. */
function networkInput(facts: BootFacts): NetworkInput {
  const interfaces = facts.group.interfaces.filter(one => one.name !== bmcInterface)
  return { hostname: hostnameOf(facts), interfaces: interfaces.map(one => interfaceInput(facts, one)) }
}

function interfaceInput(facts: BootFacts, { name, params }: { name: string; params: string }): InterfaceInput {
  const held = facts.node.addresses.filter(one => one.interface === name)
  return {
    name,
    mac: name === bootInterfaceOf(facts.group) ? facts.node.mac : undefined,
    addresses: held.map(one => ({
      address: formatAddress(one.address),
      prefix: networkOfAddress(facts, one).cidr.prefix,
    })),
    params,
  }
}

/** Only where the node asks for it, the group says how, and the controller has an address. */
function setupbmcOf(facts: BootFacts): InstallScriptInput['setupbmc'] {
  const { node, bmcsetup } = facts
  const held = node.addresses.find(one => one.interface === bmcInterface && isIpv4(one.address))
  if (!node.setupbmc || !bmcsetup || !held) return undefined
  const { user, password, userid, netchannel, mgmtchannel } = bmcsetup
  const ip = formatAddress(held.address)
  const netmask = netmaskOf(networkOfAddress(facts, held).cidr)
  return { ip, netmask, user, password, userid, netchannel, mgmtchannel }
}

const isIpv4 = ({ version }: Address): boolean => version === 4
