import { describe, expect, test } from 'vitest'
import { until } from '../server/ltorrent/head.ts'
import { Swarm } from './swarm.ts'

/** Sets ltorrent's clock when it is told to: by that many milliseconds. */
const jumping = (ms: number): string =>
  `process.on('SIGUSR2', () => { const now = Date.now; Date.now = () => now() + ${ms}; console.log('the clock is set') })`
const hourMs = 3_600_000

describe.concurrent('the clock of the head is set while nodes fetch', () => {
  test.for([
    ['back', -hourMs],
    ['forth', hourMs],
  ] as const)('%s an hour: who is there stays known, who comes is not kept waiting', async ([, ms], context) => {
    const swarm = await Swarm.open(context, 1)
    const { head, torrent } = swarm
    head.state.settings.intervalSeconds = 60
    head.inside = ['env', `NODE_OPTIONS=--import=data:text/javascript,${encodeURIComponent(jumping(ms))}`]
    await swarm.start()
    await head.announce(torrent.infoHash, '127.0.9.1', '&node=node001')
    head.daemon!.kill('SIGUSR2')
    await swarm.says('the clock is set')
    const fresh = await head.addTorrent('compute-2.tar.zst', 1)
    head.publish()
    const answers: string[] = []
    head.announce(fresh.infoHash, '127.0.9.2', '&node=node002').then(
      answer => answers.push(answer),
      () => {}, // it was kept waiting until the end
    )
    await until('the new one is announced', () => answers[0]?.includes('5:peers6:'))
    expect(await head.peer(torrent, 'node001')).toMatchObject({ ip: '127.0.9.1' })
  })
})
