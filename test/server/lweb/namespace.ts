import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A network namespace without a name: it ends with the process that holds it, which ends with this one. */
export class Namespace {
  readonly #holder: ChildProcess

  private constructor(holder: ChildProcess) {
    this.#holder = holder
  }

  static async create(): Promise<Namespace> {
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo ready && exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(holder.stdout!, 'data')
    return new Namespace(holder)
  }

  get pid(): number {
    return this.#holder.pid!
  }

  /** `argv` to run in it. */
  inside(...argv: string[]): string[] {
    return ['nsenter', '--target', String(this.pid), '--net', ...argv]
  }

  /** @returns standard output */
  async run(...argv: string[]): Promise<string> {
    const [program, ...args] = this.inside(...argv)
    return (await run(program!, args, { maxBuffer: 1 << 26, encoding: 'latin1' })).stdout
  }

  async close(): Promise<void> {
    const exited = once(this.#holder, 'exit')
    this.#holder.stdin!.end()
    await exited
  }
}

export interface Machine {
  namespace: Namespace
  address: string
}

/** A machine on the head's bridge. */
export async function addMachine(head: Namespace, name: string, mac: string, addresses: string[]): Promise<Machine> {
  const namespace = await plugIn(head, name, mac)
  for (const address of addresses) await namespace.run('ip', 'address', 'add', address, 'dev', 'eth0', 'nodad')
  return { namespace, address: addresses[0]!.split('/')[0]! }
}

/** A machine on the head's bridge that has no address yet. */
export async function plugIn(head: Namespace, name: string, mac: string): Promise<Namespace> {
  const namespace = await Namespace.create()
  await head.run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(namespace.pid))
  await head.run('ip', 'link', 'set', name, 'master', 'br0', 'up')
  await namespace.run('ip', 'link', 'set', 'eth0', 'address', mac, 'up')
  return namespace
}

/** A machine that the head knows only a way to: in no network that the head is in. */
export async function addFarMachine(head: Namespace, name: string): Promise<Machine> {
  const namespace = await Namespace.create()
  const address = '10.99.0.2'
  await head.run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(namespace.pid))
  await head.run('ip', 'link', 'set', name, 'up')
  await namespace.run('ip', 'link', 'set', 'eth0', 'up')
  await namespace.run('ip', 'address', 'add', `${address}/32`, 'dev', 'eth0')
  await namespace.run('ip', 'route', 'add', '10.30.255.254/32', 'dev', 'eth0')
  await head.run('ip', 'route', 'add', `${address}/32`, 'dev', name)
  return { namespace, address }
}
