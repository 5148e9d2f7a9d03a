import type { Engine } from '../engine.ts'
import { headAddress } from '../shaped-network.ts'
import { client, complete } from './luna.ts'

/** libtorrent on both sides, as Luna's client sets it up for this kind of network; its seeding is the library's ordinary one. */
export const libtorrent: Engine = {
  name: 'libtorrent',

  async startHead(scene) {
    const tracker = await scene.startTracker()
    const announced = tracker.said(new RegExp(`^announced ${headAddress}$`))
    const seeder = scene.start(scene.network.head, client(scene.torrent, scene.torrent.dataDirectory))
    await Promise.all([announced, seeder.said(complete)])
    return seeder
  },

  node: ({ torrent }, directory) => ({ command: client(torrent, directory), complete }),
}
