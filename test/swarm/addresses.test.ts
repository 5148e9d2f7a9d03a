import { describe, expect, test } from 'vitest'
import { copiesOf } from './node.ts'
import { Swarm } from './swarm.ts'

const mib = 1024 * 1024

describe.concurrent('addresses', () => {
  test('a head with several addresses is still one seeder', async context => {
    const swarm = await Swarm.open(context, 4)
    swarm.head.state.settings.headAddresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
    await swarm.start(mib)
    const nodes = swarm.nodes(1, 2, 3)
    await swarm.finish(...nodes)
    expect(nodes.flatMap(node => node.errors)).toEqual([])
    expect(swarm.head.log.filter(line => line.includes('dropped'))).toEqual([])
  })

  test('nodes with IPv6 and nodes with IPv4 alone in one swarm', async context => {
    const swarm = await Swarm.open(context, 4)
    swarm.head.state.settings.headAddresses = ['127.0.0.1', '::1']
    await swarm.start(mib)
    const nodes = [swarm.node(1, { address: '::1', version: 6 }), ...swarm.nodes(2, 3)]
    await swarm.finish(...nodes)
    expect(copiesOf(nodes)).toBeLessThan(3)
  })
})
