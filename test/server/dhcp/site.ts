import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { formatAddress, parseAddress } from '../../../src/domain/address.ts'
import type { DhcpServer } from '../../../src/domain/dhcp-server.ts'
import { parseMac } from '../../../src/domain/mac.ts'
import { createExec } from '../../../src/effects/exec.ts'
import { createFiles } from '../../../src/effects/files.ts'
import { createTemplates } from '../../../src/effects/templates.ts'
import { makeDhcp } from '../../../src/operations/dhcp.ts'
import { addNodes, changeNodes } from '../../../src/operations/nodes.ts'
import { getCluster, putCluster } from '../../../src/store/clusters.ts'
import { openStore, type Store } from '../../../src/store/store.ts'
import { fillSmallCluster } from '../../small-cluster.ts'
import { Namespace, plugIn } from '../lweb/namespace.ts'
import { RunningServer, serves } from './server.ts'

export const nodeMac = '52:54:00:30:00:01'

/** A cluster with one node that has a MAC, and a bridge that heads and machines are plugged into. */
export class DhcpSite {
  readonly directory: string
  readonly store: Store
  readonly #bridge: Namespace
  #ports = 0
  readonly #namespaces: Namespace[] = []
  readonly #servers: RunningServer[] = []

  private constructor(directory: string, store: Store, bridge: Namespace) {
    this.directory = directory
    this.store = store
    this.#bridge = bridge
  }

  static async open(dhcpServer: DhcpServer, clusterIps: readonly string[] = []): Promise<DhcpSite> {
    const bridge = await Namespace.create()
    await bridge.run('ip', 'link', 'add', 'br0', 'type', 'bridge')
    await bridge.run('ip', 'link', 'set', 'br0', 'up')
    const directory = mkdtempSync(join(tmpdir(), 'luna-dhcp-'))
    const store = await openStore({ kind: 'sqlite', path: join(directory, 'luna.db') }, { create: true })
    await fillSmallCluster(store)
    await store.write(async tx =>
      putCluster(tx, { ...(await getCluster(tx)), dhcpServer, clusterIps: clusterIps.map(parseAddress) }),
    )
    await addNodes({ store }, { names: ['node001'], group: 'compute' })
    await changeNodes({ store }, ['node001'], { mac: parseMac(nodeMac) })
    return new DhcpSite(directory, store, bridge)
  }

  async machine(mac: string, ...addresses: string[]): Promise<Namespace> {
    const namespace = await plugIn(this.#bridge, `port${this.#ports++}`, mac)
    this.#namespaces.push(namespace)
    for (const address of addresses) await namespace.run('ip', 'address', 'add', address, 'dev', 'eth0')
    return namespace
  }

  /** A port for a virtual machine. */
  async tap(): Promise<{ namespace: Namespace; name: string }> {
    const name = `tap${this.#ports++}`
    await this.#bridge.run('ip', 'tuntap', 'add', name, 'mode', 'tap')
    await this.#bridge.run('ip', 'link', 'set', name, 'master', 'br0', 'up')
    return { namespace: this.#bridge, name }
  }

  /** A head node with the server's configuration as Luna writes it there, checked by the server itself. */
  async configure(own: string, nativeDhcpHa: boolean): Promise<string> {
    const directory = join(this.directory, own)
    const exec = createExec()
    const files = createFiles(exec)
    let written = ''
    await makeDhcp(
      {
        store: this.store,
        locks: { acquire: async () => ({ release: async () => {} }) },
        clock: Date.now,
        exec: { ...exec, run: async () => ({ stdout: '', stderr: '' }) },
        files: {
          read: files.read,
          replace: async replacement => {
            written = join(directory, basename(replacement.path))
            await files.replace({ ...replacement, path: written })
          },
        },
        neighbours: { find: async address => ({ own: formatAddress(address) === own, macs: undefined }) },
        templates: createTemplates({ directories: [join(import.meta.dirname, '..', '..', '..', 'templates')] }),
      },
      {
        range: { network: 'cluster', first: parseAddress('10.30.128.1'), last: parseAddress('10.30.128.100') },
        nativeDhcpHa,
      },
    )
    return written
  }

  async serve(head: Namespace, file: string): Promise<RunningServer> {
    const { dhcpServer } = await this.store.read(getCluster)
    const server = new RunningServer(dhcpServer, head, file, `${file}.state`)
    this.#servers.push(server)
    await server.says(serves[dhcpServer])
    return server
  }

  async close(): Promise<void> {
    for (const server of this.#servers) await server.kill()
    for (const namespace of [...this.#namespaces, this.#bridge]) await namespace.close()
    await this.store.close()
    rmSync(this.directory, { recursive: true })
  }
}
