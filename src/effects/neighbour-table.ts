import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'
import { findMac, type Mac } from '../domain/mac.ts'
import { LunaError } from '../errors.ts'
import type { Exec } from './exec.ts'

const patienceMs = 5_000

interface Question {
  /** `10.30.0.1 dev eth0`: how ip begins its answer, too. */
  text: string
  answer: PromiseWithResolvers<Mac[]>
}

/**
 * The kernel's neighbour table, asked through one ip(8) that stays (`neighbour get`: Linux 5.0). Nothing else is as quick for one of thousands
 * of machines: to start an ip for each takes a hundred times as long, and /proc/net/arp takes time in the square of its lines (bench/discovery.ts).
 * What is asked in one turn of the event loop goes to it in one piece.
 */
export class NeighbourTable {
  readonly #exec: Exec
  #ip: RunningIp | undefined
  #unsent: Question[] = []

  constructor(exec: Exec) {
    this.#exec = exec
  }

  /** The MAC that the address has on that device, when it is known. */
  find(address: string, device: string): Promise<Mac[]> {
    const text = `${address} dev ${device}`
    const question = { text, answer: Promise.withResolvers<Mac[]>() }
    this.#unsent.push(question)
    if (this.#unsent.length === 1) setImmediate(() => this.#send())
    return question.answer.promise
  }

  close(): void {
    this.#ip?.close()
  }

  #send(): void {
    const questions = this.#unsent
    this.#unsent = []
    if (!this.#ip?.alive) this.#ip = new RunningIp(this.#exec)
    this.#ip.ask(questions)
  }
}

/** One `ip -batch`. It says what it finds on standard output, and for what it does not find the number of the line on standard error. */
class RunningIp {
  alive = true
  readonly #ip: ChildProcessWithoutNullStreams
  /** What is not answered yet, by the line that it was asked in. */
  readonly #open = new Map<number, Question>()
  #lines = 0
  #timer: NodeJS.Timeout | undefined
  /** What standard error said last, which is why the line that it names next has failed. */
  #reason = ''

  constructor(exec: Exec) {
    this.#ip = exec.start({ argv: ['ip', '-force', '-batch', '-'] }) as ChildProcessWithoutNullStreams
    createInterface(this.#ip.stdout).on('line', line => this.#found(line))
    createInterface(this.#ip.stderr).on('line', line => this.#failed(line))
    this.#ip.stdin.on('error', () => {}) // its end is told below
    this.#ip.once('error', error => this.#end(error)).once('close', () => this.#end())
  }

  ask(questions: readonly Question[]): void {
    for (const question of questions) this.#open.set(++this.#lines, question)
    this.#ip.stdin.write(questions.map(({ text }) => `neighbour get ${text}\n`).join(''))
    this.#timer ??= setTimeout(() => this.#ip.kill('SIGKILL'), patienceMs)
  }

  close(): void {
    this.#ip.stdin.end()
  }

  /** ip-neighbour(8): `10.30.0.1 dev eth0 lladdr 52:54:00:00:00:01 REACHABLE` */
  #found(line: string): void {
    const mac = line.includes('FAILED') ? undefined : findMac(/ lladdr (\S+)/.exec(line)?.[1] ?? '')
    const asked = this.#open.entries().find(([, { text }]) => line.startsWith(`${text} `))
    if (asked) this.#take(asked[0])?.resolve(mac ? [mac] : [])
  }

  /** `RTNETLINK answers: No such file or directory`, then `Command failed -:7` */
  #failed(line: string): void {
    const number = /^Command failed -:(\d+)/.exec(line)?.[1]
    if (number === undefined) this.#reason = line
    else if (/not found|No such file/.test(this.#reason)) this.#take(Number(number))?.resolve([])
    else this.#take(Number(number))?.reject(failure(`ip cannot look into the neighbour table: ${this.#reason}`))
  }

  /** What waits for the answer to that line; as long as answers come, ip is well. */
  #take(line: number): Question['answer'] | undefined {
    const question = this.#open.get(line)
    this.#open.delete(line)
    clearTimeout(this.#timer)
    this.#timer = this.#open.size > 0 ? setTimeout(() => this.#ip.kill('SIGKILL'), patienceMs) : undefined
    return question?.answer
  }

  #end(cause?: Error): void {
    this.alive = false
    clearTimeout(this.#timer)
    for (const { answer } of this.#open.values())
      answer.reject(failure('ip, which looks into the neighbour table, ended', cause))
    this.#open.clear()
  }
}

const failure = (message: string, cause?: Error): LunaError => new LunaError('failed', message, { cause })
