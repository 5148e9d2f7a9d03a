import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Namespace } from '../lweb/namespace.ts'

const machine = join(import.meta.dirname, 'machine')

/** A management controller on an address of the namespace: OpenIPMI's ipmi_sim(1), with a sleeping process as its machine. */
export class Controller {
  readonly #directory: string
  readonly #process: ChildProcess

  private constructor(directory: string, process: ChildProcess) {
    this.#directory = directory
    this.#process = process
  }

  static async start(namespace: Namespace, directory: string, address: string): Promise<Controller> {
    mkdirSync(join(directory, 'state'), { recursive: true })
    writeFileSync(join(directory, 'lan.conf'), lanConfiguration(directory, address))
    writeFileSync(join(directory, 'emulator'), emulator)
    const paths = ['-c', join(directory, 'lan.conf'), '-f', join(directory, 'emulator'), '-s', join(directory, 'state')]
    const [program, ...args] = namespace.inside('ipmi_sim', ...paths, '-n', '-d')
    const process = spawn(program!, args, { stdio: 'ignore' })
    while ((await namespace.run('ss', '-Hlun', `src = ${address}:623`)) === '') await sleep(20)
    return new Controller(directory, process)
  }

  /** What was set at the machine, in order: `power 1`, `reset 1`, `identify 0 1` ... */
  get log(): string[] {
    return readFileSync(join(this.#directory, 'log'), 'utf8').trim().split('\n')
  }

  forget(): void {
    rmSync(join(this.#directory, 'log'), { force: true })
  }

  /** Whether the machine's process is there, asked past the controller. */
  get machineRuns(): boolean {
    try {
      return process.kill(Number(readFileSync(join(this.#directory, 'pid'), 'utf8')), 0)
    } catch {
      return false
    }
  }

  /** Hangs, as controllers do, or goes on. */
  hang(hangs: boolean): void {
    this.#process.kill(hangs ? 'SIGSTOP' : 'SIGCONT')
  }

  async stop(): Promise<void> {
    if (this.machineRuns) process.kill(Number(readFileSync(join(this.#directory, 'pid'), 'utf8')))
    this.#process.kill('SIGKILL')
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit')
  }
}

/** ipmi_lan(5); user 2 may do everything. */
const lanConfiguration = (directory: string, address: string): string => `name "machine"
set_working_mc 0x20
  startlan 1
    addr ${address} 623
    priv_limit admin
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789000001
  endlan
  chassis_control "${machine} ${directory}"
  user 2 true "admin" "correct" admin 10 none md2 md5 straight
`

const emulator = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
mc_enable 0x20
`
