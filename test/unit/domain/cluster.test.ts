import { describe, expect, test } from 'vitest'
import {
  clusterDefaults,
  getFrontendAddress,
  nextNodeName,
  parseNodePrefix,
  parseUserName,
} from '../../../src/domain/cluster.ts'

describe('nextNodeName', () => {
  test.each([
    [[], 'node001'],
    [['node001', 'node002'], 'node003'],
    [['node001', 'node003'], 'node002'],
    [['login1'], 'node001'],
  ])('after %j comes %s', (taken, expected) => {
    expect(nextNodeName(clusterDefaults, new Set(taken))).toBe(expected)
  })

  test('more nodes than digits', () => {
    const taken = new Set(Array.from({ length: 9 }, (_, index) => `n${index + 1}`))
    expect(nextNodeName({ ...clusterDefaults, nodeprefix: 'n', nodedigits: 1 }, taken)).toBe('n10')
  })
})

test.each(['node', 'n', 'rack1-', 'a9'])('node names may begin with %s', text => {
  expect(parseNodePrefix(text)).toBe(text)
})

test.each(['', '1', '-a', 'N', 'a_', 'a.b', 'a b', 'a'.repeat(32)])('node names may not begin with "%s"', text => {
  expect(() => parseNodePrefix(text)).toThrow("cannot begin a node's name")
})

test.each(['', 'Luna', '1luna', 'luna:0', 'luna/..', 'a'.repeat(32)])('"%s" is no user', text => {
  expect(() => parseUserName(text)).toThrow("cannot be a user's name")
})

test('a frontend address that is not set says how to set it', () => {
  expect(() => getFrontendAddress(clusterDefaults)).toThrow('run: luna cluster change --frontend_address')
})
