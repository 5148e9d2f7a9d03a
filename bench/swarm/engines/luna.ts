import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle, daemonOptions } from '../../../scripts/bundle.ts'
import type { PublishedTorrent } from '../../../src/operations/published-torrents.ts'
import type { Engine } from '../engine.ts'
import { streamWindow } from '../node-settings.ts'
import { root } from '../scene.ts'
import { headAddress } from '../shaped-network.ts'

const clientBundle = join(root, 'client', 'bundle')
const nobody = 65_534

/** The nodes' client, as the initrd starts it: with its own loader and libraries. */
export const client = ({ torrentPath, infoHash }: PublishedTorrent, directory: string): string[] => [
  ...[join(clientBundle, 'ld.so'), '--library-path', join(clientBundle, 'lib'), join(clientBundle, 'luna-torrent')],
  ...['--torrent', torrentPath, '--info-hash', infoHash, '--directory', directory],
]
export const complete = /"event":"complete"/

/** ltorrent, tracker and seeder in one, and the nodes' client, which hands the image on while it arrives, as it does in the initrd. */
export const luna: Engine = {
  name: 'luna',

  async startHead(scene) {
    const runDirectory = join(scene.directory, 'run')
    mkdirSync(runDirectory)
    chownSync(runDirectory, nobody, nobody)
    const settings = {
      ...{ intervalSeconds: 5, minIntervalSeconds: 2, maxPeers: 100 },
      headAddresses: [headAddress],
      listenPorts: { min: 7052, max: 7100 },
    }
    const state = join(scene.directory, 'state.json')
    writeFileSync(state, JSON.stringify({ torrents: [scene.torrent], settings }))
    // as it is shipped: what Node.js does to run TypeScript itself goes on for a while after the start
    await bundle([{ in: 'test/server/ltorrent/program.ts', out: 'ltorrent' }], scene.directory, '')
    const program = [process.execPath, ...daemonOptions, join(scene.directory, 'ltorrent.mjs')]
    const asNobody = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', '--pdeathsig=KILL']
    const head = scene.start(scene.network.head, [...asNobody, ...program, state, runDirectory])
    await head.said(/"seeding /)
    await scene.startTracker(runDirectory)
    return head
  },

  node: ({ torrent }, directory) => ({
    command: [...client(torrent, directory), '--stream', '/dev/null', '--window', `${streamWindow}`],
    complete,
  }),
}
