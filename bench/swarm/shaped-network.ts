import { Namespace } from '../../test/server/lweb/namespace.ts'

/** A head and nodes on one bridge, every link shaped to the same rate in both directions. Everything ends with this process. */
export class ShapedNetwork {
  readonly head: Namespace
  readonly nodes: readonly Namespace[]
  readonly #bridge: Namespace

  private constructor(bridge: Namespace, head: Namespace, nodes: readonly Namespace[]) {
    this.#bridge = bridge
    this.head = head
    this.nodes = nodes
  }

  static readonly headAddress = '10.77.0.254'

  static async create(nodeCount: number, bitsPerSecond: number): Promise<ShapedNetwork> {
    const bridge = await Namespace.create()
    await bridge.run('ip', 'link', 'add', 'br0', 'type', 'bridge')
    await bridge.run('ip', 'link', 'set', 'br0', 'up')
    const head = await plugIn(bridge, 'head', ShapedNetwork.headAddress, bitsPerSecond)
    const nodes: Namespace[] = []
    for (let index = 0; index < nodeCount; index++)
      nodes.push(
        await plugIn(bridge, `n${index}`, `10.77.${1 + Math.floor(index / 200)}.${1 + (index % 200)}`, bitsPerSecond),
      )
    return new ShapedNetwork(bridge, head, nodes)
  }

  /** Bytes that left the head's link, with all framing. */
  async sentByHead(): Promise<number> {
    const [link] = JSON.parse(await this.head.run('ip', '-json', '-statistics', 'link', 'show', 'eth0'))
    return link.stats64.tx.bytes
  }

  async close(): Promise<void> {
    for (const namespace of [...this.nodes, this.head, this.#bridge]) await namespace.close()
  }
}

async function plugIn(bridge: Namespace, name: string, address: string, bitsPerSecond: number): Promise<Namespace> {
  const namespace = await Namespace.create()
  const shape = ['root', 'tbf', 'rate', `${bitsPerSecond}`, 'burst', '80000', 'latency', '200ms']
  await bridge.run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(namespace.pid))
  await bridge.run('ip', 'link', 'set', name, 'master', 'br0', 'up')
  await namespace.run('ip', 'link', 'set', 'eth0', 'up')
  await namespace.run('ip', 'address', 'add', `${address}/16`, 'dev', 'eth0')
  await bridge.run('tc', 'qdisc', 'add', 'dev', name, ...shape)
  await namespace.run('tc', 'qdisc', 'add', 'dev', 'eth0', ...shape)
  return namespace
}
