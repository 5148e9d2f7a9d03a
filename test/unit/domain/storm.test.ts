import { expect, test } from 'vitest'
import { findStorms, type NodeEvent, peersPercentOf, reasonsOf, slowestKept } from '../../../src/domain/storm.ts'
import { stormLine } from '../../../src/domain/storm-line.ts'

const sizeBytes = 100e6
const image = { osimage: 'compute', generation: 17, sizeBytes }
const event = (node: string, step: NodeEvent['step'], second: number, change: Partial<NodeEvent> = {}): NodeEvent => ({
  ...{ node, step, atMs: second * 1000, message: undefined, uptimeS: undefined },
  ...{ fromHeadBytes: undefined, fromPeersBytes: undefined, fromWebBytes: undefined, ...change },
})
const fetches = (node: string, from: number, to: number, fromHeadBytes = 50e6, fromWebBytes = 0): NodeEvent[] => [
  event(node, 'install.partscript', from - 1),
  event(node, 'install.download', from),
  event(node, 'install.unpack', to, { fromHeadBytes, fromPeersBytes: sizeBytes - fromHeadBytes, fromWebBytes }),
  event(node, 'install.success', to + 9),
]
const whyOf = (events: readonly NodeEvent[]) => {
  const [storm] = findStorms(events, image)
  return Object.fromEntries(storm!.slowest.map(node => [node.node, reasonsOf(node, storm!)]))
}

test('nodes that fetch at the same time, or half a minute after each other, are a storm; one alone is none', () => {
  const events = [
    ...fetches('a', 0, 10),
    ...fetches('b', 5, 20),
    ...fetches('c', 50, 60),
    ...fetches('d', 91, 99), // one second too late
    ...fetches('e', 200, 210),
    ...fetches('f', 205, 215),
  ]
  const storms = findStorms(events, image)
  expect(storms.map(({ nodes, beganAtMs, endedAtMs }) => [nodes, beganAtMs, endedAtMs])).toEqual([
    [3, 0, 60_000],
    [2, 200_000, 215_000],
  ])
  expect(storms[0]).toMatchObject({ medianMs: 10_000, p90Ms: 15_000, fromHeadBytes: 150e6, fromPeersBytes: 150e6 })
  expect(peersPercentOf(storms[0]!)).toBe(50)
  expect(storms[0]!.slowest.map(({ node }) => node)).toEqual(['c', 'b', 'a'])
})

test('why a node was among the last', () => {
  const many = Array.from({ length: 9 }, (_, index) => fetches(`n${index}`, 0, 10)).flat()
  const events = [
    ...many,
    ...fetches('slow', 0, 30),
    ...fetches('late', 20, 29),
    ...fetches('web', 0, 12, 60e6, 40e6),
    event('again', 'install.download', 0),
    event('again', 'install.failed', 4, { message: 'install.download failed with status 5\nNo space left' }),
    ...fetches('again', 15, 26),
    event('off', 'install.download', 1),
  ]
  expect(whyOf(events)).toMatchObject({
    slow: ['slow: half of the nodes had 10 MB/s or more'],
    late: ['began 20 s after the first'],
    web: ['40 % by HTTP: the swarm gave it nothing'],
    again: ['install.download failed with status 5', 'began 2 times'],
    off: ['did not finish'],
    n1: [],
  })
  const [storm] = findStorms(events, image)
  expect(storm).toMatchObject({ nodes: 14, unfinished: 1, endedAtMs: 30_000 })
  expect(storm!.slowest).toHaveLength(slowestKept)
  expect(storm!.slowest.slice(0, 3).map(({ node }) => node)).toEqual(['off', 'slow', 'late'])
  expect(stormLine(storm!)).toBe(
    '13 of 14 nodes had compute, generation 17, after 30.0 s; the head sent 6.60 copies, other nodes 49 %; last was off (did not finish)',
  )
})

test('who gave bad pieces', () => {
  const events = ['a', 'b', 'c'].flatMap((node, index) => [
    event(node, 'install.download', index),
    event(node, 'install.unpack', 9, { message: node === 'c' ? undefined : 'bad pieces came from c, 10.9.9.9' }),
  ])
  const [storm] = findStorms(events, image)
  expect(storm!.badSenders).toEqual([
    { name: 'c', others: 2 },
    { name: '10.9.9.9', others: 2 },
  ])
  expect(reasonsOf(storm!.slowest[0]!, storm!)).toEqual([])
  expect(stormLine(storm!)).toMatch(/; bad pieces between c and 2 others: test the memory of c; bad pieces between 10/)
})

test('what fails after the last piece has been fetched all the same', () => {
  const events = [
    ...fetches('a', 0, 10).slice(0, -1),
    event('a', 'install.failed', 20, { message: 'install.postscript failed' }),
    ...fetches('a', 25, 30, 0),
    ...fetches('b', 0, 10),
  ]
  expect(whyOf(events)['a']).toEqual(['install.postscript failed', 'began 2 times'])
  expect(findStorms(events, image)).toHaveLength(1)
})

test('nobody who got to the end', () => {
  const events = ['a', 'b'].map(node => event(node, 'install.download', 3))
  const [storm] = findStorms(events, image)
  expect(storm).toMatchObject({ nodes: 2, unfinished: 2, medianMs: 0, beganAtMs: 3000, endedAtMs: 3000 })
  expect(stormLine(storm!)).toContain('0 of 2 nodes')
})
