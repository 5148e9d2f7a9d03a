import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { PublishedTorrent } from '../../src/operations/published-torrents.ts'
import { Head, until } from '../server/ltorrent/head.ts'
import { SwarmNode } from './node.ts'

/** What a test knows of itself. */
interface RunningTest {
  onTestFinished(close: () => Promise<void>): void
}

/** A head with one torrent, for one test; it ends with the test, and all nodes with it. */
export class Swarm {
  readonly head = new Head()
  torrent!: PublishedTorrent

  static async open({ onTestFinished }: RunningTest, sizeMib: number): Promise<Swarm> {
    const swarm = new Swarm()
    await swarm.head.open()
    onTestFinished(() => swarm.head.close())
    swarm.torrent = await swarm.head.addTorrent('compute-1.tar.zst', sizeMib)
    return swarm
  }

  /** @returns the port of the head's seeder */
  async start(uploadLimit?: number): Promise<number> {
    this.head.state.uploadLimit = uploadLimit
    await this.head.start()
    return until('the head seeds', () => this.head.seederPort())
  }

  node(number: number, options: ConstructorParameters<typeof SwarmNode>[3] = {}): SwarmNode {
    return new SwarmNode(this.head, this.torrent, number, options)
  }

  nodes(...numbers: number[]): SwarmNode[] {
    return numbers.map(number => this.node(number))
  }

  /** Until all of them have the head's file, byte for byte. */
  async finish(...nodes: SwarmNode[]): Promise<void> {
    for (const node of nodes) await node.finish()
    expect(nodes.map(node => node.whole)).toEqual(nodes.map(() => true))
  }

  async says(words: string): Promise<void> {
    await until(`ltorrent says: ${words}`, () => this.head.log.some(line => line.includes(words)))
  }

  /** Resident memory of ltorrent, bytes. */
  memory(): number {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.head.daemon!.pid}/status`, 'utf8'))![1]) * 1024
  }
}
