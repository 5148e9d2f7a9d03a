import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Head, until } from '../server/ltorrent/head.ts'
import { addMachine, Namespace } from '../server/lweb/namespace.ts'
import { copiesOf, SwarmNode } from './node.ts'

const headAddress = '10.30.255.254'
const tracker = join(import.meta.dirname, '..', '..', 'bench', 'swarm', 'tracker.ts')
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A head on a bridge of its own: what falls silent there says no goodbye, as on loopback the kernel would. */
async function openHead(): Promise<{ head: Head; bridge: Namespace }> {
  const bridge = await Namespace.create()
  closing.push(() => bridge.close())
  await bridge.run('ip', 'link', 'add', 'br0', 'type', 'bridge')
  await bridge.run('ip', 'link', 'set', 'br0', 'up')
  await bridge.run('ip', 'address', 'add', `${headAddress}/16`, 'dev', 'br0')
  const head = new Head()
  await head.open()
  closing.push(() => head.close())
  head.state.settings.headAddresses = [headAddress]
  head.inside = bridge.inside()
  head.frontUrl = `http://${headAddress}:7050/announce`
  return { head, bridge }
}

async function startTracker(head: Head, bridge: Namespace): Promise<void> {
  const [program, ...words] = bridge.inside(process.execPath, tracker, headAddress, '7050', head.runDirectory)
  const child: ChildProcess = spawn(program!, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  closing.push(() => child.kill('SIGKILL'))
  await once(child.stdout!, 'data')
}

test('a third of the nodes is powered off midway: the others get everything, the lost pieces from the head once more', async () => {
  const { head, bridge } = await openHead()
  const torrent = await head.addTorrent('compute-1.tar.zst', 8)
  head.state.uploadLimit = 1024 * 1024
  await head.start()
  await startTracker(head, bridge)
  const nodes: SwarmNode[] = []
  for (let number = 1; number <= 6; number++) {
    const mac = `52:54:00:30:00:0${number}`
    const machine = await addMachine(bridge, `n${number}`, mac, [`10.30.0.${number}/16`])
    closing.push(() => machine.namespace.close())
    nodes.push(
      new SwarmNode(head, torrent, number, { address: `10.30.0.${number}`, inside: machine.namespace.inside() }),
    )
  }
  const [doomed, others] = [nodes.slice(0, 2), nodes.slice(2)]
  await Promise.all(nodes.map(node => node.has(0.3)))
  for (const [index, node] of doomed.entries()) {
    await bridge.run('ip', 'link', 'set', `n${index + 1}`, 'down')
    node.client.kill('SIGKILL')
  }
  for (const node of others) await node.finish()
  expect(others.map(node => node.whole)).toEqual([true, true, true, true])
  expect(copiesOf(nodes)).toBeGreaterThan(0.9)
  expect(copiesOf(nodes)).toBeLessThan(2)
  await until('the tracker has forgotten them', async () => (await head.swarm(torrent))?.peers.length === 4)
})
