import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { cpuMsOfTree } from '../measuring/cpu-time.ts'

/** A program in a network namespace; it ends with this process, however that ends. */
export class Program {
  readonly #command: readonly string[]
  readonly #child: ChildProcess
  readonly #lines: Interface

  /** @param errors a file descriptor for what it says on standard error */
  constructor(namespacePid: number, command: readonly string[], errors: number) {
    // each of these replaces itself by the next, so that the child is the program itself; pdeathsig outlives that, but not a change of the user
    const words = ['--target', String(namespacePid), '--net', 'setpriv', '--pdeathsig', 'KILL', ...command]
    this.#command = command
    this.#child = spawn('nsenter', words, { stdio: ['ignore', 'pipe', errors] })
    this.#lines = createInterface(this.#child.stdout!)
  }

  /** Waits for a line on standard output. @throws Error when the program ends without it */
  said(wanted: RegExp): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#lines.on('line', line => wanted.test(line) && resolve())
    this.#child.on('close', () => reject(new Error(`${this.#command.join(' ')} ended before it said ${wanted}`)))
    return promise
  }

  cpuMs = (): number => cpuMsOfTree(this.#child.pid!)

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
