import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PublishedTorrent } from '../../../src/operations/published-torrents.ts'
import type { Engine } from '../engine.ts'
import { streamWindow } from '../node-settings.ts'
import { root } from '../scene.ts'
import { headAddress } from '../shaped-network.ts'

const bundle = join(root, 'client', 'bundle')
const nobody = 65_534

/** The nodes' client, as the initrd starts it: with its own loader and libraries. */
export const client = ({ torrentPath, infoHash }: PublishedTorrent, directory: string): string[] => [
  ...[join(bundle, 'ld.so'), '--library-path', join(bundle, 'lib'), join(bundle, 'luna-torrent')],
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
    const program = join(root, 'test', 'server', 'ltorrent', 'program.ts')
    const asNobody = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', '--pdeathsig=KILL']
    const head = scene.start(scene.network.head, [...asNobody, process.execPath, program, state, runDirectory])
    await head.said(/"seeding /)
    await scene.startTracker(runDirectory)
    return head
  },

  node: ({ torrent }, directory) => ({
    command: [...client(torrent, directory), '--stream', '/dev/null', '--window', `${streamWindow}`],
    complete,
  }),
}
