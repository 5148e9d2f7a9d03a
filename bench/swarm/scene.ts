import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { PublishedTorrent } from '../../src/operations/published-torrents.ts'
import type { Namespace } from '../../test/server/lweb/namespace.ts'
import { Program } from './program.ts'
import type { Scale } from './scale.ts'
import { headAddress, ShapedNetwork, trackerPort } from './shaped-network.ts'

export const root = join(import.meta.dirname, '..', '..')

const memory = '/dev/shm'

/** A directory in memory, as a node's file system is while it boots; open to other users, whom daemons run as. */
export function makeDirectory(): string {
  const directory = mkdtempSync(join(memory, `luna-swarm-${process.pid}-`))
  chmodSync(directory, 0o755)
  return directory
}

/**
 * Memory that a virtual machine has not used for a while its host gives it again page by page, at a second or two of CPU for a GB, which the
 * first engine would pay. What is written next is not quite what was written before: three times, then nearly all of it has been.
 */
export function touchMemory(directory: string, sizeBytes: number): void {
  const path = join(directory, 'touched')
  const chunk = Buffer.alloc(2 ** 20)
  for (let times = 0; times < 3; times++) {
    const file = openSync(path, 'w')
    for (let at = 0; at < sizeBytes; at += chunk.length) writeSync(file, chunk)
    closeSync(file)
    rmSync(path)
  }
}

/** Of a run that was killed nothing stays but its directories. */
export function removeLeftovers(): void {
  for (const name of readdirSync(memory)) {
    const [, pid] = /^luna-swarm-(\d+)-/.exec(name) ?? []
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(memory, name), { recursive: true })
  }
}

/** What one run of one engine has: a network, an image, a directory, and programs. */
export class Scene {
  readonly network: ShapedNetwork
  readonly torrent: PublishedTorrent
  readonly directory: string
  readonly #errors: number
  readonly #programs: Program[] = []

  private constructor(network: ShapedNetwork, torrent: PublishedTorrent) {
    this.network = network
    this.torrent = torrent
    this.directory = makeDirectory()
    this.#errors = openSync(join(this.directory, 'errors'), 'a')
  }

  static async open({ nodes, bitsPerSecond }: Scale, torrent: PublishedTorrent): Promise<Scene> {
    return new Scene(await ShapedNetwork.create(nodes, bitsPerSecond), torrent)
  }

  start(namespace: Namespace, command: readonly string[]): Program {
    const program = new Program(namespace.pid, command, this.#errors)
    this.#programs.push(program)
    return program
  }

  /** A tracker on the head; `words` are those of tracker.ts that follow the port. */
  async startTracker(...words: string[]): Promise<Program> {
    const path = join(root, 'bench', 'swarm', 'tracker.ts')
    const tracker = this.start(this.network.head, [process.execPath, path, headAddress, `${trackerPort}`, ...words])
    await tracker.said(/^listening/)
    return tracker
  }

  makeNodeDirectory(index: number): string {
    const directory = join(this.directory, `node${index}`)
    mkdirSync(directory)
    return directory
  }

  /** The end of what the programs said on standard error. */
  errors(): string {
    return readFileSync(join(this.directory, 'errors'), 'utf8').trim().split('\n').slice(-10).join('\n')
  }

  async close(): Promise<void> {
    await Promise.all(this.#programs.map(program => program.end()))
    closeSync(this.#errors)
    await this.network.close()
    rmSync(this.directory, { recursive: true })
  }
}
