import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { formatAddress } from '../../src/domain/address.ts'
import type { Node } from '../../src/domain/node.ts'
import { addNodes } from '../../src/operations/nodes.ts'
import { listNodes } from '../../src/store/nodes.ts'
import { buildTorrent } from '../../src/torrent/metainfo.ts'
import { type BootCluster, createBootCluster, pack1, publish, writeBootFile } from '../../test/boot-cluster.ts'
import { Namespace } from '../../test/server/lweb/namespace.ts'
import type { Load, LoadResult } from './load.ts'
import { giveHistory } from './measured-site.ts'

const bin = join(import.meta.dirname, '..', '..', 'dist', 'bin')
/** The daemons that are measured have one core, whoever asks has another; both go before what else the machine has to do. */
const onCore = (core: number): string[] => ['nice', '--adjustment=-20', 'taskset', '--cpu-list', String(core)]

/** A head with nodes that can all boot, in a network of its own whose kernel knows the MAC of each. */
export class ServedHead {
  readonly #cluster: BootCluster
  readonly #namespace: Namespace
  readonly #daemons: ChildProcess[] = []
  readonly nodes: readonly Node[]
  /** Of the published torrent. */
  readonly infoHash: string

  private constructor(cluster: BootCluster, namespace: Namespace, nodes: readonly Node[], infoHash: string) {
    this.#cluster = cluster
    this.#namespace = namespace
    this.nodes = nodes
    this.infoHash = infoHash
  }

  static async open(size: number): Promise<ServedHead> {
    process.env['TMPDIR'] = '/var/tmp'
    const cluster = await createBootCluster({ user: 'root', packed: false })
    const { store, directory } = cluster
    const torrent = writeTorrent(cluster)
    await publish(store, { ...pack1, ...torrent })
    const names = Array.from({ length: size }, (_, index) => `node${String(index + 1).padStart(5, '0')}`)
    await addNodes({ store }, { names, group: 'compute' })
    giveHistory(join(directory, 'db', 'luna.db'))
    const nodes = (await store.read(tx => listNodes(tx))).filter(node => node.name.length === 9)
    writeFileSync(
      join(directory, 'luna.conf'),
      `[database]\nurl = sqlite:${directory}/db/luna.db\n[lweb]\nfrontend = nginx\n[daemons]\nrun_directory = ${directory}/run\n`,
    )
    return new ServedHead(cluster, await namespaceOf(directory, nodes), nodes, torrent.infoHash)
  }

  /** Starts `NAME run`. @returns its process id when it serves */
  startDaemon = (name: 'lweb' | 'ltorrent', until: RegExp): Promise<number> =>
    this.#start([join(bin, name), 'run'], until)

  startPlainRoute = (socket: string): Promise<number> =>
    this.#start([process.execPath, join(import.meta.dirname, 'plain-route.ts'), this.#socket(socket)], /listens/)

  #socket(name: string): string {
    return join(this.#cluster.directory, 'run', name)
  }

  async #start(command: string[], until: RegExp): Promise<number> {
    const [program, ...words] = this.#namespace.inside(...onCore(0), ...command)
    const env = { ...process.env, LUNA_CONF: join(this.#cluster.directory, 'luna.conf') }
    const daemon = spawn(program!, words, { env, stdio: ['ignore', 'inherit', 'pipe'] })
    this.#daemons.push(daemon)
    for await (const line of createInterface(daemon.stderr!)) if (until.test(line)) break
    daemon.stderr!.resume()
    return daemon.pid!
  }

  load(socket: string, load: Omit<Load, 'socketPath'>): LoadResult {
    const path = join(this.#cluster.directory, 'load.json')
    writeFileSync(path, JSON.stringify({ ...load, socketPath: this.#socket(socket) }))
    const program = join(import.meta.dirname, 'load.ts')
    const [first, ...words] = [...onCore(1), process.execPath, program, path]
    return JSON.parse(execFileSync(first!, words, { encoding: 'utf8', maxBuffer: 1e9 }))
  }

  async close(): Promise<void> {
    for (const daemon of this.#daemons) {
      const exited = once(daemon, 'exit')
      daemon.kill()
      await exited
    }
    await this.#namespace.close()
    await this.#cluster.close()
  }
}

/** A small file to seed: a seeder that finds none is started again and again. */
function writeTorrent(cluster: BootCluster): { infoHash: string; sizeBytes: number; pieceLengthBytes: number } {
  const { tarballFile, torrentFile } = pack1
  const content = Buffer.alloc(65_536)
  const pieces = createHash('sha1').update(content).digest()
  const [sizeBytes, pieceLengthBytes] = [content.length, content.length]
  const announceUrl = 'http://10.30.255.254:7050/announce'
  const { bytes, infoHash } = buildTorrent({ announceUrl, name: tarballFile, sizeBytes, pieceLengthBytes, pieces })
  writeBootFile(cluster, join('torrents', tarballFile), content)
  writeBootFile(cluster, join('torrents', torrentFile), bytes)
  return { infoHash, sizeBytes, pieceLengthBytes }
}

async function namespaceOf(directory: string, nodes: readonly Node[]): Promise<Namespace> {
  const namespace = await Namespace.create()
  const entries = nodes.map(
    ({ mac, addresses: [held] }) =>
      `neighbour add ${formatAddress(held!.address)} lladdr ${mac} dev head nud permanent\n`,
  )
  const lines = [
    'link add head type veth peer name nodes\n',
    'link set nodes up\n', // an interface without a carrier is none to Node
    'link set head up\n',
    'address add 10.30.255.254/16 dev head\n',
    ...entries,
  ]
  writeFileSync(join(directory, 'network'), lines.join(''))
  await namespace.run('ip', '-batch', join(directory, 'network'))
  return namespace
}
