import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BootCluster, createBootCluster, macs } from '../../boot-cluster.ts'
import { addFarMachine, addMachine, type Machine, Namespace } from './namespace.ts'

export const repository = join(import.meta.dirname, '..', '..', '..')
export const frontend = '10.30.255.254'
export const nobody = 65534
export const strangersMac = '52:54:00:00:00:99'

export interface Answer {
  status: number
  headers: Map<string, string>
  /** Latin-1: one character is one byte. */
  body: string
}

export interface Ask {
  /** Source port or range of ports; a high one when left out. */
  port?: string
  headers?: Record<string, string>
  method?: 'GET' | 'HEAD' | 'POST'
  body?: string
  /** Instead of the frontend. */
  base?: string
}

export const asRoot = { port: '600-1000' }
export const withToken = (token: string) => ({ ...asRoot, headers: { 'Luna-Token': token } })

/** A head in a network namespace of its own, with a bridge that machines are on; the real lweb, and nginx if wanted. */
export class Site {
  readonly cluster: BootCluster
  readonly head: Namespace
  readonly configPath: string
  readonly runDirectory: string
  readonly #machines: Machine[] = []
  readonly #daemons: Daemon[] = []

  private constructor(cluster: BootCluster, head: Namespace) {
    this.cluster = cluster
    this.head = head
    this.configPath = join(cluster.directory, 'luna.conf')
    this.runDirectory = join(cluster.directory, 'run')
  }

  static async open(options: { frontend?: 'lweb' | 'nginx'; user?: string } = {}): Promise<Site> {
    const cluster = await createBootCluster({ user: options.user ?? 'nobody' })
    const head = await Namespace.create()
    await head.run('ip', 'link', 'add', 'br0', 'type', 'bridge')
    await head.run('ip', 'link', 'set', 'br0', 'up')
    await head.run('ip', 'address', 'add', `${frontend}/16`, 'dev', 'br0')
    await head.run('ip', 'address', 'add', 'fd30::fe/64', 'dev', 'br0', 'nodad')
    const site = new Site(cluster, head)
    site.writeConfig(options.frontend ?? 'lweb')
    for (const name of ['db', 'db/luna.db', 'db/luna.db-wal', 'db/luna.db-shm'])
      if (existsSync(join(cluster.directory, name))) chownSync(join(cluster.directory, name), nobody, nobody)
    return site
  }

  writeConfig(front: 'lweb' | 'nginx'): void {
    const text = `[database]\nurl = ${this.cluster.url}\n[lweb]\nfrontend = ${front}\n[daemons]\nrun_directory = ${this.runDirectory}\n`
    writeFileSync(this.configPath, text)
  }

  /** The machine of node001, with its MAC. */
  node = () => this.#add(addMachine(this.head, 'node', macs[0], ['10.30.0.1/16', 'fd30::1/64']))
  /** On the same network, as root, with another MAC. */
  stranger = () => this.#add(addMachine(this.head, 'stranger', strangersMac, ['10.30.0.99/16', 'fd30::99/64']))
  /** Behind a router, as far as the head can tell. */
  far = () => this.#add(addFarMachine(this.head, 'far'))

  async #add(adding: Promise<Machine>): Promise<Machine> {
    const machine = await adding
    this.#machines.push(machine)
    return machine
  }

  /** Runs `PROGRAM.ts run` on the head until its log says `until`. */
  async daemon(program: 'lweb' | 'ltorrent', until: RegExp): Promise<Daemon> {
    const argv = this.head.inside(process.execPath, join(repository, 'bin', `${program}.ts`), 'run')
    return this.#spawn(argv, until)
  }

  /** The real nginx with the shipped configuration, paths apart. */
  async nginx(): Promise<Daemon> {
    const { directory } = this.cluster
    mkdirSync(join(directory, 'nginx'))
    const shipped = readFileSync(join(repository, 'nginx', 'luna.conf'), 'utf8')
      .replaceAll('/run/luna/', `${this.runDirectory}/`)
      .replaceAll('/opt/luna', directory)
    writeFileSync(join(directory, 'nginx', 'luna.conf'), shipped)
    writeFileSync(join(directory, 'nginx', 'nginx.conf'), nginxConfiguration(join(directory, 'nginx')))
    const argv = this.head.inside('nginx', '-c', join(directory, 'nginx', 'nginx.conf'))
    return this.#spawn(argv, /start worker process/)
  }

  async #spawn([program, ...args]: string[], until: RegExp): Promise<Daemon> {
    const child = spawn(program!, args, {
      env: { ...process.env, LUNA_CONF: this.configPath },
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    const daemon = new Daemon(child)
    this.#daemons.push(daemon)
    await daemon.logged(until)
    return daemon
  }

  /** Runs a program on the head. */
  onHead = (...argv: string[]): Promise<string> => this.head.run('env', `LUNA_CONF=${this.configPath}`, ...argv)

  /** curl from a machine, or from the head itself. */
  async ask(from: Machine | 'head', path: string, ask: Ask = {}): Promise<Answer> {
    const namespace = from === 'head' ? this.head : from.namespace
    const options = Object.entries(ask.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
    if (ask.port) options.push('--local-port', ask.port)
    if (ask.method === 'HEAD') options.push('--head')
    if (ask.method === 'POST')
      options.push('-H', 'Content-Type: text/plain', '-H', 'Expect:', '--data-binary', ask.body ?? '')
    const url = (ask.base ?? `http://${frontend}:7050`) + path
    return parseAnswer(await namespace.run('curl', '-sSi', '--globoff', '--path-as-is', '-m', '20', ...options, url))
  }

  async close(): Promise<void> {
    for (const daemon of this.#daemons) await daemon.end('SIGTERM') // nginx killed would leave its worker behind
    for (const { namespace } of this.#machines) await namespace.close()
    await this.head.close()
    await this.cluster.close()
  }
}

/** A child whose log is read. */
export class Daemon {
  readonly child: ChildProcess
  /** Messages, or whole lines where they are not JSON. */
  readonly log: string[] = []

  constructor(child: ChildProcess) {
    this.child = child
    createInterface({ input: child.stderr! }).on('line', line => this.log.push(messageOf(line)))
  }

  async logged(wanted: RegExp | string): Promise<void> {
    const isWanted = (line: string) => (typeof wanted === 'string' ? line === wanted : wanted.test(line))
    await until(`${wanted} in ${this.log.join('\n')}`, () => {
      if (this.log.some(isWanted)) return true
      if (this.child.exitCode !== null) throw new Error(`it ended:\n${this.log.join('\n')}`)
      return false
    })
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exited = once(this.child, 'exit')
    this.child.kill(signal)
    await exited
  }
}

const messageOf = (line: string): string => (line.startsWith('{') ? (JSON.parse(line) as { msg: string }).msg : line)

const nginxConfiguration = (directory: string): string => `
user www-data;
worker_processes 1;
daemon off;
pid ${directory}/pid;
error_log stderr notice;
events { }
http {
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  include ${directory}/luna.conf;
}
`

function parseAnswer(text: string): Answer {
  const end = text.indexOf('\r\n\r\n')
  const [first, ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)])
  return {
    status: Number(first!.split(' ')[1]),
    headers: new Map(headers as [string, string][]),
    body: text.slice(end + 4),
  }
}

/** Waits for something that sends no event. */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadlineMs = Date.now() + 20_000; Date.now() < deadlineMs; await sleep(50)) if (await holds()) return
  throw new Error(`did not happen: ${what}`)
}
