import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { formatAddress } from '../../src/domain/address.ts'
import type { Node } from '../../src/domain/node.ts'
import { addNodes } from '../../src/operations/nodes.ts'
import { listNodes } from '../../src/store/nodes.ts'
import { type BootCluster, createBootCluster } from '../../test/boot-cluster.ts'
import { Namespace } from '../../test/server/lweb/namespace.ts'
import type { Load, LoadResult } from './load.ts'
import { giveHistory } from './measured-site.ts'

const bin = join(import.meta.dirname, '..', '..', 'dist', 'bin')
/** The daemon that is measured has one core for itself, as far as the machine lets it; whoever asks has the other. */
const [daemonCore, clientCore] = ['0', '1']

/** A head with nodes that can all boot, in a network of its own whose kernel knows the MAC of each. */
export class ServedHead {
  readonly #cluster: BootCluster
  readonly #namespace: Namespace
  readonly #daemons: ChildProcess[] = []
  readonly nodes: readonly Node[]

  private constructor(cluster: BootCluster, namespace: Namespace, nodes: readonly Node[]) {
    this.#cluster = cluster
    this.#namespace = namespace
    this.nodes = nodes
  }

  static async open(size: number): Promise<ServedHead> {
    process.env['TMPDIR'] = '/var/tmp'
    const cluster = await createBootCluster({ user: 'root' })
    const { store, directory } = cluster
    const names = Array.from({ length: size }, (_, index) => `node${String(index + 1).padStart(5, '0')}`)
    await addNodes({ store }, { names, group: 'compute' })
    giveHistory(join(directory, 'db', 'luna.db'))
    const nodes = (await store.read(tx => listNodes(tx))).filter(node => node.name.length === 9)
    writeFileSync(
      join(directory, 'luna.conf'),
      `[database]\nurl = sqlite:${directory}/db/luna.db\n[lweb]\nfrontend = nginx\n[daemons]\nrun_directory = ${directory}/run\n`,
    )
    return new ServedHead(cluster, await namespaceOf(directory, nodes), nodes)
  }

  /** Starts `NAME run` and returns its process when it serves. */
  async start(name: 'lweb' | 'ltorrent', until: RegExp): Promise<number> {
    const argv = this.#namespace.inside('taskset', '--cpu-list', daemonCore!, join(bin, name), 'run')
    const env = { ...process.env, LUNA_CONF: join(this.#cluster.directory, 'luna.conf') }
    const daemon = spawn(argv[0]!, argv.slice(1), { env, stdio: ['ignore', 'inherit', 'pipe'] })
    this.#daemons.push(daemon)
    for await (const line of createInterface(daemon.stderr!)) if (until.test(line)) break
    daemon.stderr!.resume()
    return daemon.pid!
  }

  load(load: Omit<Load, 'socketPath'>): LoadResult {
    const path = join(this.#cluster.directory, 'load.json')
    writeFileSync(path, JSON.stringify({ ...load, socketPath: join(this.#cluster.directory, 'run', 'lweb.sock') }))
    const program = join(import.meta.dirname, 'load.ts')
    const argv = ['--cpu-list', clientCore!, process.execPath, program, path]
    return JSON.parse(execFileSync('taskset', argv, { encoding: 'utf8', maxBuffer: 1e9 }))
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

/** User and system time that the process has used until now: fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms. */
export function cpuMsOf(pid: number): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '')
  const [user, system] = afterName.split(' ').slice(11, 13)
  return (Number(user) + Number(system)) * 10
}
