import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { hashPieces } from '../../../src/effects/piece-hashes.ts'
import { createTrackerForwarder, readSwarm } from '../../../src/effects/swarm-client.ts'
import type { PublishedTorrent } from '../../../src/operations/published-torrents.ts'
import { buildTorrent } from '../../../src/torrent/metainfo.ts'
import type { ProgramState } from './program.ts'

const mib = 1024 * 1024
const pieceLengthBytes = 64 * 1024
const bundle = join(import.meta.dirname, '../../../client/bundle')

/** Waits for something that sends no event. */
export async function until<T>(
  what: string,
  find: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  for (const deadlineMs = Date.now() + 120_000; Date.now() < deadlineMs; await sleep(50)) {
    const found = await find()
    if (found) return found
  }
  throw new Error(`did not happen: ${what}`)
}

/** How to run the client of a bundle. */
export const clientIn = (bundle: string): string[] => [
  join(bundle, 'ld.so'),
  ...['--library-path', join(bundle, 'lib'), join(bundle, 'luna-torrent')],
]

export interface LeechOptions {
  version?: 4 | 6
  /** 0 ends it when it has everything. */
  seedMinutes?: number
  /** Further words for it. */
  words?: readonly string[]
  /** A program that runs it. */
  inside?: readonly string[]
  /** Of another machine than this. */
  bundle?: string
  stdio?: StdioOptions
}

/** A head with ltorrent as its own process, and what stands for lweb: TCP on 127.0.0.1 and ::1, handed on to the unix socket. */
export class Head {
  static #opened = 0
  readonly directory = mkdtempSync(join(tmpdir(), 'luna-ltorrent-'))
  readonly runDirectory = join(this.directory, 'run')
  readonly torrents = join(this.directory, 'torrents')
  readonly state: ProgramState = {
    torrents: [],
    settings: {
      intervalSeconds: 2,
      minIntervalSeconds: 1,
      maxPeers: 200,
      headAddresses: ['127.0.0.1'],
      // several heads may begin at the same moment
      listenPorts: { min: 17_052 + (Head.#opened++ % 40), max: 17_100 },
    },
  }
  /** A program that runs the daemon. */
  inside: readonly string[] = []
  /** Where nodes reach the tracker that are not on this machine's loopback. */
  frontUrl: string | undefined
  readonly #front: Server[] = []
  /** The front's TCP ports by address. */
  readonly #ports = new Map<string, number>()
  #leechers: ChildProcess[] = []
  readonly #forwarder = createTrackerForwarder(this.runDirectory)
  daemon: ChildProcess | undefined
  /** Lines of the daemon that was started last. */
  log: string[] = []

  async open(): Promise<void> {
    chmodSync(this.directory, 0o755)
    mkdirSync(this.torrents)
    mkdirSync(this.runDirectory)
    if (process.getuid!() === 0) chownSync(this.runDirectory, 65534, 65534)
    await this.openFront()
  }

  async close(): Promise<void> {
    for (const leecher of this.#leechers) leecher.kill('SIGKILL')
    await this.kill('SIGTERM')
    this.#forwarder.close()
    this.closeFront()
    rmSync(this.directory, { recursive: true })
  }

  /** Lets nodes reach the tracker, at the ports of the last time. */
  async openFront(): Promise<void> {
    for (const host of ['127.0.0.1', '::1']) {
      const server = createServer(async (request, response) => {
        const forwarded = this.#forwarder.forward(request.url!, request.socket.remoteAddress!)
        const answer = await forwarded.catch(() => ({ status: 503, type: 'text/plain', body: '' }))
        response.writeHead(answer.status, { 'Content-Type': answer.type }).end(answer.body)
      })
      server.listen(this.#ports.get(host) ?? 0, host)
      await once(server, 'listening')
      this.#ports.set(host, (server.address() as AddressInfo).port)
      this.#front.push(server)
    }
  }

  /** The tracker is gone for everybody, as when lweb is down; the seeder is not. */
  closeFront(): void {
    for (const server of this.#front.splice(0)) server.close().closeAllConnections()
  }

  announceUrl(version: 4 | 6 = 4): string {
    if (this.frontUrl) return this.frontUrl
    return version === 4
      ? `http://127.0.0.1:${this.#ports.get('127.0.0.1')}/announce`
      : `http://[::1]:${this.#ports.get('::1')}/announce`
  }

  /** One announce of its own, as lweb hands it on. @returns the answer as latin-1 */
  async announce(infoHash: string, ip: string, extra = '', port = 1234): Promise<string> {
    const hash = infoHash.replace(/../g, '%$&')
    const numbers = `port=${port}&uploaded=0&downloaded=0&left=1`
    const path = `/announce?info_hash=${hash}&peer_id=${'x'.repeat(20)}&${numbers}${extra}`
    return (await this.#forwarder.forward(path, ip)).body.toString('latin1')
  }

  /** The port of the seeder, when it has a torrent to seed. */
  seederPort(): number | undefined {
    const line = this.log.find(one => one.includes('"seeding '))
    return line === undefined ? undefined : (JSON.parse(line) as { port: number }).port
  }

  /** Starts ltorrent; resolves when it listens. */
  async start(): Promise<void> {
    this.publish()
    this.daemon = this.spawn()
    await until('ltorrent listens', () => this.log.includes('listening'))
  }

  /** Starts a process of ltorrent, whose output goes to `log`. */
  spawn(): ChildProcess {
    const program = join(import.meta.dirname, 'program.ts')
    const state = join(this.directory, 'state.json')
    const [command, ...words] = [...this.inside, process.execPath, program, state, this.runDirectory]
    const daemon = spawn(command!, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.log = []
    for (const input of [daemon.stdout, daemon.stderr])
      createInterface({ input }).on('line', line => this.log.push(line))
    return daemon
  }

  /** Ends ltorrent; resolves when it is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const daemon = this.daemon
    this.daemon = undefined
    if (!daemon?.kill(signal)) return
    await once(daemon, 'exit')
  }

  /** Writes `state` where the daemon reads it. */
  publish(): void {
    const path = join(this.directory, 'state.json')
    writeFileSync(`${path}.new`, JSON.stringify(this.state))
    renameSync(`${path}.new`, path)
  }

  async addTorrent(name: string, sizeMib: number): Promise<PublishedTorrent> {
    const sizeBytes = sizeMib * mib + 4321
    const path = join(this.torrents, name)
    writeFileSync(path, randomBytes(sizeBytes))
    const pieces = await hashPieces({ path, sizeBytes, pieceLengthBytes })
    const { bytes, infoHash } = buildTorrent({
      announceUrl: this.announceUrl(),
      name,
      sizeBytes,
      pieceLengthBytes,
      pieces,
    })
    const torrentPath = `${path}.torrent`
    writeFileSync(torrentPath, bytes)
    const torrent = { infoHash, torrentPath, dataDirectory: this.torrents, name, sizeBytes, pieceLengthBytes }
    this.state.torrents.push(torrent)
    return torrent
  }

  /** A node's client. */
  leech(torrent: PublishedTorrent, node: string, options: LeechOptions = {}): ChildProcess {
    const directory = join(this.directory, node)
    mkdirSync(directory, { recursive: true })
    const [program, ...words] = [
      ...(options.inside ?? []),
      ...clientIn(options.bundle ?? bundle),
      ...['--torrent', torrent.torrentPath, '--info-hash', torrent.infoHash, '--directory', directory],
      ...['--tracker', `${this.announceUrl(options.version)}?node=${node}`, '--ports', '17101-17200'],
      ...(options.seedMinutes ? [] : ['--exit']),
      ...(options.words ?? []),
    ]
    const leecher = spawn(program!, words, { stdio: options.stdio ?? 'ignore' })
    this.#leechers.push(leecher)
    return leecher
  }

  received(torrent: PublishedTorrent, node: string): Buffer {
    return readFileSync(join(this.directory, node, torrent.name))
  }

  original(torrent: PublishedTorrent): Buffer {
    return readFileSync(join(torrent.dataDirectory, torrent.name))
  }

  async swarm(torrent: PublishedTorrent) {
    const snapshot = await readSwarm(this.runDirectory)
    return snapshot?.torrents.find(({ info_hash }) => info_hash === torrent.infoHash)
  }

  async peer(torrent: PublishedTorrent, node: string) {
    return (await this.swarm(torrent))?.peers.find(peer => peer.node === node)
  }
}
