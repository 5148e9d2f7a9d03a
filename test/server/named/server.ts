import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Namespace } from '../lweb/namespace.ts'

/** A real named on an address of a namespace, with a directory of its own; it ends with `stop`. */
export class NamedServer {
  readonly configuration: string
  readonly #namespace: Namespace
  readonly #address: string
  #child!: ChildProcess
  readonly #heard = new EventEmitter().on('error', () => {})
  #log = ''

  private constructor(namespace: Namespace, directory: string, address: string) {
    this.#namespace = namespace
    this.#address = address
    this.configuration = join(directory, 'named.conf')
  }

  /** @param statements of named.conf(5), beside the options */
  static async start(
    namespace: Namespace,
    directory: string,
    address: string,
    statements: string,
  ): Promise<NamedServer> {
    const server = new NamedServer(namespace, directory, address)
    mkdirSync(directory, { recursive: true })
    writeFileSync(
      server.configuration,
      `options {
  directory "${directory}"; pid-file none; session-keyfile none; managed-keys-directory "${directory}";
  listen-on { ${address}; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; notify no;
};
controls { };
${statements}
`,
    )
    const [program, ...args] = namespace.inside('named', '-g', '-c', server.configuration)
    server.#child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    server.#child.stderr!.on('data', data => {
      server.#log += data
      server.#heard.emit('more')
    })
    server.#child.on('exit', () => server.#heard.emit('error', new Error('ended')))
    await server.says(/ running$/m)
    return server
  }

  /** Waits until its log has it, from where it was at the last `forget`. */
  async says(pattern: RegExp): Promise<void> {
    const signal = AbortSignal.timeout(60_000)
    while (!pattern.test(this.#log))
      await once(this.#heard, 'more', { signal }).catch(() => {
        throw new Error(`named does not say ${pattern}:\n${this.#log}`)
      })
  }

  forget(): void {
    this.#log = ''
  }

  /** named(8): SIGHUP is a reload. */
  async reload(): Promise<void> {
    this.forget()
    this.#child.kill('SIGHUP')
    await this.says(/reloading zones succeeded[\s\S]* running$|reloading configuration failed/m)
    if (/reloading configuration failed/.test(this.#log)) throw new Error(`named does not reload:\n${this.#log}`)
  }

  /** dig(1) +short: the answer's lines. */
  async ask(name: string, type: string): Promise<string[]> {
    const words = ['+short', '+norecurse', '+tries=1', '+time=5', `@${this.#address}`, name, type]
    return (await this.#namespace.run('dig', ...words)).split('\n').filter(line => line !== '')
  }

  /** NOERROR, NXDOMAIN ... and whether the server speaks for the zone. */
  async status(name: string, type: string): Promise<{ status: string; authoritative: boolean }> {
    const text = await this.#namespace.run('dig', '+norecurse', `@${this.#address}`, name, type)
    return { status: /status: (\w+)/.exec(text)![1]!, authoritative: /flags:[^;]* aa/.test(text) }
  }

  async serial(zone: string): Promise<number> {
    return Number((await this.ask(zone, 'SOA'))[0]!.split(' ')[2])
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}
