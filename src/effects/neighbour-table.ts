import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Readable } from 'node:stream'
import { findMac, type Mac } from '../domain/mac.ts'
import { LunaError } from '../errors.ts'
import type { Exec } from './exec.ts'

const patienceMs = 5_000

/**
 * The kernel's neighbour table, asked through one ip(8) that stays (`neighbour get`: Linux 5.0). Nothing else is as quick for one of thousands
 * of machines: to start an ip for each takes a hundred times as long, and /proc/net/arp takes time in the square of its lines (bench/discovery.ts).
 */
export class NeighbourTable {
  readonly #exec: Exec
  #ip: ChildProcessWithoutNullStreams | undefined
  /** One question at a time: what is not found is answered on another stream. */
  #turn: Promise<unknown> = Promise.resolve()
  #answer: PromiseWithResolvers<string> | undefined

  constructor(exec: Exec) {
    this.#exec = exec
  }

  /** The MAC that the address has on that device, when it is known. */
  find(address: string, device: string): Promise<Mac[]> {
    const found = this.#turn.then(async () => macsOf(await this.#ask(`neighbour get ${address} dev ${device}\n`)))
    this.#turn = found.catch(() => {})
    return found
  }

  close(): void {
    this.#ip?.stdin.end()
  }

  async #ask(question: string): Promise<string> {
    this.#ip ??= this.#start()
    const ip = this.#ip
    this.#answer = Promise.withResolvers()
    const timer = setTimeout(() => ip.kill('SIGKILL'), patienceMs)
    ip.stdin.write(question)
    try {
      return await this.#answer.promise
    } finally {
      clearTimeout(timer)
    }
  }

  #start(): ChildProcessWithoutNullStreams {
    const ip = this.#exec.start({ argv: ['ip', '-force', '-batch', '-'] }) as ChildProcessWithoutNullStreams
    wheneverWhole(ip.stdout, /\n$/, text => this.#answer?.resolve(text))
    wheneverWhole(ip.stderr, /^Command failed.*\n$/m, text => this.#fail(text))
    ip.stdin.on('error', () => {}) // its end is told below
    ip.once('error', error => this.#end(error)).once('close', () => this.#end())
    return ip
  }

  #fail(text: string): void {
    if (/not found|No such file/.test(text)) this.#answer?.resolve('')
    else
      this.#answer?.reject(new LunaError('failed', `ip cannot look into the neighbour table: ${text.split('\n')[0]}`))
  }

  #end(cause?: Error): void {
    this.#ip = undefined
    this.#answer?.reject(new LunaError('failed', 'ip, which looks into the neighbour table, ended', { cause }))
  }
}

/** Takes what a stream says once it ends as it should: it may come in pieces. */
function wheneverWhole(stream: Readable, end: RegExp, take: (text: string) => void): void {
  let text = ''
  stream.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
    if (!end.test(text)) return
    take(text)
    text = ''
  })
}

/** ip-neighbour(8): `10.30.0.1 dev eth0 lladdr 52:54:00:00:00:01 REACHABLE` */
function macsOf(line: string): Mac[] {
  const mac = line.includes('FAILED') ? undefined : findMac(/ lladdr (\S+)/.exec(line)?.[1] ?? '')
  return mac ? [mac] : []
}
