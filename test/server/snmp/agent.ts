import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** Where an agent runs: in a network namespace, or on this machine's loopback. */
export interface Place {
  inside(...argv: string[]): string[]
  run(...argv: string[]): Promise<string>
}

export const loopback: Place = {
  inside: (...argv) => argv,
  run: async (program, ...args) => (await promisify(execFile)(program!, args)).stdout,
}

/** Addresses of the loopback that no other process of the tests takes. */
export const loopbackAddress = (number: number): string =>
  `127.${100 + (process.pid >> 14)}.${(process.pid >> 6) & 255}.${((process.pid & 63) << 2) + number}`

const responder = join(import.meta.dirname, 'responder.ts')

/** A switch to ask: the real snmpd(8) on an address of the namespace, with the tables of a switch instead of its machine's own. */
export class SwitchAgent {
  readonly #place: Place
  readonly #directory: string
  readonly #address: string
  #process: ChildProcess | undefined

  private constructor(place: Place, directory: string, address: string) {
    this.#place = place
    this.#directory = directory
    this.#address = address
  }

  /** @param access lines of snmpd.conf(5) that say who may read */
  static async start(
    place: Place,
    directory: string,
    address: string,
    table: string,
    access: readonly string[] = ['rocommunity public'],
  ): Promise<SwitchAgent> {
    const agent = new SwitchAgent(place, directory, address)
    mkdirSync(join(directory, 'state'), { recursive: true })
    agent.set(table)
    const program = `${process.execPath} ${responder} ${join(directory, 'table')}`
    const lines = [
      `agentaddress udp:${address}:161`,
      ...access,
      ...['.1.3.6.1.2.1.17', '.1.3.6.1.2.1.31.1.1.1.1'].map(oid => `pass_persist ${oid} ${program}`),
    ]
    writeFileSync(join(directory, 'snmpd.conf'), `${lines.join('\n')}\n`)
    await agent.resume()
    return agent
  }

  /** Gives it other tables. */
  set(table: string): void {
    writeFileSync(join(this.#directory, 'table.new'), table)
    renameSync(join(this.#directory, 'table.new'), join(this.#directory, 'table'))
  }

  async resume(): Promise<void> {
    const configuration = join(this.#directory, 'snmpd.conf')
    const [program, ...args] = this.#place.inside(
      'snmpd',
      '-f',
      '-Lf',
      join(this.#directory, 'log'),
      '-C',
      '-c',
      configuration,
    )
    this.#process = spawn(program!, args, {
      stdio: 'ignore',
      env: { ...process.env, SNMP_PERSISTENT_DIR: join(this.#directory, 'state') },
    })
    while ((await this.#place.run('ss', '-Hlun', `src = ${this.#address}:161`)) === '') {
      if (this.#process.exitCode !== null) throw new Error(`snmpd ended; see ${this.#directory}/log`)
      await sleep(20)
    }
  }

  async stop(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }
}
