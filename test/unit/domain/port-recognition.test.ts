import { describe, expect, test } from 'vitest'
import { type Mac, parseMac } from '../../../src/domain/mac.ts'
import { findOwners, mostMacsOfNode, type Sight } from '../../../src/domain/port-recognition.ts'

const [a, b] = ['52:54:00:00:00:0a', '52:54:00:00:00:0b'].map(parseMac) as [Mac, Mac]
const sight = (switchId: number, port: string, macsThere = 1, mac = a): Sight => ({ switchId, port, macsThere, mac })
const owner = (id: number, switchId: number, port: string) => ({ id, switchId, port })
const idsOf = (sights: Sight[], owners: ReturnType<typeof owner>[]) => findOwners(sights, owners).map(({ id }) => id)
const idOf = (sights: Sight[], owners: ReturnType<typeof owner>[]) => {
  const ids = idsOf(sights, owners)
  return ids.length === 1 ? ids[0] : undefined
}

const node1 = owner(1, 1, '5')
const node2 = owner(2, 1, '6')

test('the node at that port of that switch', () => {
  expect(findOwners([sight(1, '5')], [node1, node2])).toEqual([node1])
  expect(idOf([sight(2, '5')], [node1, node2])).toBeUndefined()
  expect(idOf([sight(1, '7')], [node1, node2])).toBeUndefined()
  expect(idOf([], [node1, node2])).toBeUndefined()
})

describe('a port with many MACs', () => {
  test.each([
    [1, 1],
    [mostMacsOfNode, 1],
    [mostMacsOfNode + 1, undefined],
    [200, undefined],
  ])('%i', (macsThere, id) => expect(idOf([sight(1, '5', macsThere)], [node1])).toBe(id))
})

describe('a MAC that several ports show', () => {
  test('is where there are fewest', () => {
    expect(idOf([sight(2, '48', 3), sight(1, '5', 1)], [node1, owner(9, 2, '48')])).toBe(1)
    expect(idOf([sight(1, '5', 3), sight(2, '1', 1)], [node1])).toBeUndefined()
  })

  test('is at both when two say the same of different nodes', () => {
    expect(idsOf([sight(1, '5'), sight(1, '6')], [node1, node2])).toEqual([1, 2])
    expect(idOf([sight(1, '5'), sight(2, '1')], [node1])).toBe(1)
  })
})

describe('a machine with two MACs', () => {
  test('at one port', () => expect(idOf([sight(1, '5', 2, a), sight(1, '5', 2, b)], [node1, node2])).toBe(1))
  test('of which one is at a node’s port', () => expect(idOf([sight(1, '5'), sight(2, '5', 1, b)], [node1])).toBe(1))
  test('at the ports of two nodes', () =>
    expect(idsOf([sight(1, '5', 1, a), sight(1, '6', 1, b)], [node1, node2])).toEqual([1, 2]))
})

test('two nodes that are at one port, told apart by nothing', () =>
  expect(idsOf([sight(1, '5')], [node1, owner(3, 1, '5')])).toEqual([1, 3]))
