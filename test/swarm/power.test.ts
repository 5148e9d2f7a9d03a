import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, type TestContext, test } from 'vitest'
import { until } from '../server/ltorrent/head.ts'
import { addMachine, Namespace } from '../server/lweb/namespace.ts'
import { copiesOf, type SwarmNode } from './node.ts'
import { Swarm } from './swarm.ts'

const headAddress = '10.30.255.254'
const tracker = join(import.meta.dirname, '..', '..', 'bench', 'swarm', 'tracker.ts')

/** A head on a bridge of its own: what falls silent there says no goodbye, as on loopback the kernel would. */
async function openBridged(context: TestContext, sizeMib: number): Promise<{ swarm: Swarm; bridge: Namespace }> {
  const bridge = await Namespace.create()
  context.onTestFinished(() => bridge.close())
  await bridge.run('ip', 'link', 'add', 'br0', 'type', 'bridge')
  await bridge.run('ip', 'link', 'set', 'br0', 'up')
  await bridge.run('ip', 'address', 'add', `${headAddress}/16`, 'dev', 'br0')
  const swarm = await Swarm.open(context, sizeMib)
  swarm.head.state.settings.headAddresses = [headAddress]
  swarm.head.inside = bridge.inside()
  swarm.head.frontUrl = `http://${headAddress}:7050/announce`
  return { swarm, bridge }
}

async function startTracker(context: TestContext, runDirectory: string, bridge: Namespace): Promise<void> {
  const [program, ...words] = bridge.inside(process.execPath, tracker, headAddress, '7050', runDirectory)
  const child = spawn(program!, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  context.onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout!, 'data')
}

test('a third of the nodes is powered off midway: the others get everything, the lost pieces from the head once more', async context => {
  const { swarm, bridge } = await openBridged(context, 8)
  await swarm.start(1024 * 1024)
  await startTracker(context, swarm.head.runDirectory, bridge)
  const nodes: SwarmNode[] = []
  for (let number = 1; number <= 6; number++) {
    const address = `10.30.0.${number}`
    const { namespace } = await addMachine(bridge, `n${number}`, `52:54:00:30:00:0${number}`, [`${address}/16`])
    context.onTestFinished(() => namespace.close())
    nodes.push(swarm.node(number, { address, inside: namespace.inside() }))
  }
  const [doomed, others] = [nodes.slice(0, 2), nodes.slice(2)]
  await Promise.all(nodes.map(node => node.has(0.3)))
  for (const [index, node] of doomed.entries()) {
    await bridge.run('ip', 'link', 'set', `n${index + 1}`, 'down')
    node.client.kill('SIGKILL')
  }
  await swarm.finish(...others)
  expect(copiesOf(nodes)).toBeGreaterThan(0.9)
  expect(copiesOf(nodes)).toBeLessThan(2)
  const left = async () => (await swarm.head.swarm(swarm.torrent))?.peers.length
  await until('the tracker has forgotten them', async () => (await left()) === 4)
})
