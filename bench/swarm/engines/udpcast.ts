import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { andStay, type Engine } from '../engine.ts'

/** What it may send, of the rate of the links: faster than that, and packets are lost. */
const share = 0.95
/** It says on a terminal alone that it listens. */
const startMs = 500

/** One multicast stream that all nodes listen to, from the moment that the last of them is there. */
export const udpcast: Engine = {
  name: 'udpcast',
  fits: ({ nodes, bitsPerSecond }) => nodes === 8 && bitsPerSecond !== undefined,

  async startHead(scene) {
    const { nodes, head, bitsPerSecond } = scene.network
    const path = join(scene.torrent.dataDirectory, scene.torrent.name)
    const words = ['--full-duplex', '--nokbd', '--min-receivers', `${nodes.length}`]
    const rate = ['--max-bitrate', `${Math.round((bitsPerSecond! * share) / 1000)}k`]
    const sender = scene.start(head, andStay('udp-sender', '--file', path, '--interface', 'eth0', ...words, ...rate))
    await sleep(startMs)
    return sender
  },

  node: ({ torrent }, directory) => ({
    command: andStay('udp-receiver', '--file', join(directory, torrent.name), '--interface', 'eth0', '--nokbd'),
    complete: /^complete/,
  }),
}
