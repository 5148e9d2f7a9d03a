import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { PublishedTorrent } from '../../src/operations/published-torrents.ts'
import { type Head, type LeechOptions, until } from '../server/ltorrent/head.ts'

interface Progress {
  event: 'progress' | 'complete' | 'seeding' | 'end'
  have: number
  size: number
  from_head: number
  from_peers: number
  uploaded: number
}

/** A node of the swarm: the real client, with an address of its own on loopback, and what it says. */
export class SwarmNode {
  readonly name: string
  readonly client: ChildProcess
  readonly exited: Promise<[status: number | null, signal: NodeJS.Signals | null]>
  readonly errors: string[] = []
  last: Progress | undefined
  complete = false
  readonly #head: Head
  readonly #torrent: PublishedTorrent

  constructor(
    head: Head,
    torrent: PublishedTorrent,
    number: number,
    options: LeechOptions & { address?: string } = {},
  ) {
    this.name = `node${String(number).padStart(3, '0')}`
    this.#head = head
    this.#torrent = torrent
    this.client = head.leech(torrent, this.name, {
      seedMinutes: 10,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
      words: [
        ...['--interface', options.address ?? `127.0.1.${number}`, '--head', head.state.settings.headAddresses[0]!],
        ...(options.words ?? []),
      ],
    })
    this.exited = once(this.client, 'exit') as typeof this.exited
    createInterface(this.client.stdout!).on('line', line => {
      this.last = JSON.parse(line) as Progress
      if (this.last.event === 'complete') this.complete = true
    })
    createInterface(this.client.stderr!).on('line', line => this.errors.push(line))
  }

  get running(): boolean {
    return this.client.exitCode === null && this.client.signalCode === null
  }

  async has(part: number): Promise<void> {
    await until(`${this.name} has ${part} of it`, () => (this.last?.have ?? 0) >= part * this.#torrent.sizeBytes)
  }

  async finish(): Promise<void> {
    await until(`${this.name} has all of it (${this.errors.at(-1)})`, () => this.complete)
  }

  /** Whether the file is the head's, byte for byte. */
  get whole(): boolean {
    return this.#head.received(this.#torrent, this.name).equals(this.#head.original(this.#torrent))
  }
}

/** Bytes that nodes got from the head, in copies of the image. */
export const copiesOf = (nodes: readonly SwarmNode[]): number =>
  nodes.reduce((bytes, { last }) => bytes + (last?.from_head ?? 0) / (last?.size ?? 1), 0)
