import type { Engine } from '../engine.ts'
import { headAddress } from '../shaped-network.ts'

const aria2c = (directory: string): string[] => [
  ...['aria2c', '--no-conf', `--dir=${directory}`, '--enable-dht=false', '--enable-dht6=false', '--seed-ratio=0.0'],
  ...['--file-allocation=none', '--bt-tracker-interval=5', '--listen-port=7052', '--summary-interval=0'],
  ...['--bt-max-peers=100', '--bt-request-peer-speed-limit=100M', '--console-log-level=notice'],
]

/** aria2 on both sides. */
export const aria2: Engine = {
  name: 'aria2',

  async startHead(scene) {
    const tracker = await scene.startTracker()
    const announced = tracker.said(new RegExp(`^announced ${headAddress}$`))
    const { dataDirectory, torrentPath } = scene.torrent
    const command = [...aria2c(dataDirectory), '--bt-seed-unverified=true', '--quiet=true', torrentPath]
    const seeder = scene.start(scene.network.head, command)
    await announced
    return seeder
  },

  node: ({ torrent }, directory) => ({
    command: [...aria2c(directory), '--on-bt-download-complete=/bin/echo', torrent.torrentPath],
    complete: /Download complete|^\w{16} 1 /,
  }),
}
