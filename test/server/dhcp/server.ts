import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { DhcpServer } from '../../../src/domain/dhcp-server.ts'
import type { Namespace } from '../lweb/namespace.ts'

/** How each server is run in the foreground, with its state in a directory of its own. */
const commandOf: Record<DhcpServer, (file: string, directory: string) => string[]> = {
  isc: (file, directory) => {
    appendFileSync(join(directory, 'leases'), '') // it must be there
    const state = ['-lf', join(directory, 'leases'), '-pf', join(directory, 'pid')]
    return ['dhcpd', '-4', '-f', '-d', '-cf', file, ...state, 'eth0']
  },
  // Kea knows one place for its leases
  kea: (file, directory) => {
    const script = `mkdir -p /var/lib/kea && mount --bind ${directory} /var/lib/kea && exec kea-dhcp4 -c ${file}`
    return ['unshare', '--mount', 'sh', '-c', script]
  },
}

/** A real DHCP server in a namespace. */
export class RunningServer {
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  #wake = () => {}

  constructor(kind: DhcpServer, namespace: Namespace, file: string, directory: string) {
    mkdirSync(directory, { recursive: true })
    const [program, ...args] = namespace.inside(...commandOf[kind](file, directory))
    const env = { ...process.env, KEA_LOCKFILE_DIR: 'none', KEA_PIDFILE_DIR: directory }
    this.#child = spawn(program!, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      createInterface({ input: stream }).on('line', line => {
        this.#lines.push(line)
        this.#wake()
      })
    this.#child.once('exit', () => this.#wake())
  }

  /** Waits until it has said so since it started, or since the last `forget`. */
  async says(pattern: RegExp, timeoutMs = 30_000): Promise<void> {
    const end = Date.now() + timeoutMs
    while (!this.#lines.some(line => pattern.test(line))) {
      const left = end - Date.now()
      if (left <= 0 || this.#child.exitCode !== null)
        throw new Error(`the server did not say ${pattern}:\n${this.#lines.join('\n')}`)
      await this.#nextLine(left)
    }
  }

  forget(): void {
    this.#lines.length = 0
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exited
  }

  async #nextLine(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, withinMs)
    this.#wake = resolve
    await promise
    clearTimeout(timer)
  }
}

/** What each says when it serves. */
export const serves: Record<DhcpServer, RegExp> = { isc: /Server starting service/, kea: /DHCP4_STARTED/ }
