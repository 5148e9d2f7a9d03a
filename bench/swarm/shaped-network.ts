import { Namespace } from '../../test/server/lweb/namespace.ts'

export const headAddress = '10.77.0.254'
export const trackerPort = 7050
export const announceUrl = `http://${headAddress}:${trackerPort}/announce`

/** A machine's link to the bridge. */
interface Link {
  name: string
  address: string
  mac: string
}

const headLink: Link = { name: 'head', address: headAddress, mac: '02:77:00:00:00:fe' }

const nodeLink = (index: number): Link => ({
  name: `n${index}`,
  address: `10.77.1.${1 + index}`,
  mac: `02:77:00:00:01:${(1 + index).toString(16).padStart(2, '0')}`,
})

/** A head and nodes on one bridge, every link shaped to the same rate in both directions. Everything ends with this process. */
export class ShapedNetwork {
  readonly head: Namespace
  readonly nodes: readonly Namespace[]
  readonly #bridge: Namespace
  /** Of every link; undefined: they are not shaped. */
  readonly bitsPerSecond: number | undefined

  private constructor(bridge: Namespace, [head, ...nodes]: Namespace[], bitsPerSecond: number | undefined) {
    this.#bridge = bridge
    this.head = head!
    this.nodes = nodes
    this.bitsPerSecond = bitsPerSecond
  }

  /** @param nodeCount at most 200 */
  static async create(nodeCount: number, bitsPerSecond: number | undefined): Promise<ShapedNetwork> {
    const bridge = await Namespace.create()
    await batch(bridge, ['link add br0 type bridge', 'link set br0 up'])
    const links = [headLink, ...Array.from({ length: nodeCount }, (_, index) => nodeLink(index))]
    const machines: Namespace[] = []
    for (const link of links) {
      const machine = await plugIn(bridge, link, links)
      if (bitsPerSecond !== undefined) {
        await shape(bridge, link.name, bitsPerSecond)
        await shape(machine, 'eth0', bitsPerSecond)
      }
      machines.push(machine)
    }
    return new ShapedNetwork(bridge, machines, bitsPerSecond)
  }

  /**
   * Bytes that have left the head. The interface counts what is handed to it, of which the card would make frames; the shaper counts these
   * frames, with the Ethernet, IP and TCP headers of each.
   */
  async sentByHead(): Promise<{ handed: number; framed?: number }> {
    const [link] = JSON.parse(await this.head.run('ip', '-json', '-statistics', 'link', 'show', 'eth0'))
    const handed: number = link.stats64.tx.bytes
    if (this.bitsPerSecond === undefined) return { handed }
    const [shaper] = JSON.parse(await this.head.run('tc', '-json', '-statistics', 'qdisc', 'show', 'dev', 'eth0'))
    return { handed, framed: shaper.bytes }
  }

  async close(): Promise<void> {
    for (const namespace of [...this.nodes, this.head, this.#bridge]) await namespace.close()
  }
}

/** Everybody knows everybody's MAC: N x N entries that come and go would overflow the kernel's table. */
async function plugIn(bridge: Namespace, own: Link, all: readonly Link[]): Promise<Namespace> {
  const machine = await Namespace.create()
  const pair = `type veth peer name eth0 netns ${machine.pid} address ${own.mac}`
  await batch(bridge, [`link add ${own.name} ${pair}`, `link set ${own.name} master br0 up`])
  await batch(machine, [
    'link set eth0 up',
    `address add ${own.address}/16 broadcast + dev eth0`,
    ...all.map(({ address, mac }) => `neighbour replace ${address} lladdr ${mac} dev eth0 nud permanent`),
  ])
  return machine
}

/** The burst is what the kernel's segmentation offload hands over at once, and what the rate brings in two ticks of its clock. */
const shape = (namespace: Namespace, device: string, bitsPerSecond: number): Promise<string> =>
  namespace.run(
    ...['tc', 'qdisc', 'add', 'dev', device, 'root', 'tbf', 'rate', `${bitsPerSecond}`],
    ...['burst', `${Math.max(80_000, bitsPerSecond / 1000)}`, 'latency', '200ms'],
  )

async function batch(namespace: Namespace, lines: readonly string[]): Promise<void> {
  await namespace.run('sh', '-c', 'printf "%s\\n" "$@" | ip -batch -', 'sh', ...lines)
}
