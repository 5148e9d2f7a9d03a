import { expect, test } from 'vitest'
import { badPiecesMessage, blameFor, findBadSenders } from '../../../src/domain/bad-pieces.ts'

test('names come out of the message as they went in', () => {
  expect(findBadSenders(badPiecesMessage(['node001', 'the head', 'fd30::7']))).toEqual([
    'node001',
    'the head',
    'fd30::7',
  ])
  expect(badPiecesMessage([])).toBeUndefined()
  expect(findBadSenders('install.unpack failed with status 2')).toEqual([])
  expect(findBadSenders(undefined)).toEqual([])
})

test('who is blamed is whom most had bad pieces with', () => {
  expect(blameFor([])).toEqual([])
  // of one pair the sender
  expect(blameFor([['bad', 'a']])).toEqual([{ name: 'bad', others: 1 }])
  const pairs = [
    ['bad', 'a'],
    ['bad', 'b'],
    ['bad', 'b'],
    // spoils what it gets, and says that of everybody
    ['a', 'forgetful'],
    ['b', 'forgetful'],
    ['bad', 'forgetful'],
    ['the head', 'forgetful'],
  ] as const
  expect(blameFor(pairs)).toEqual([
    { name: 'forgetful', others: 4 },
    { name: 'bad', others: 2 },
  ])
  expect(blameFor(Array.from({ length: 9 }, (_, index) => [`s${index}`, `r${index}`] as const))).toHaveLength(5)
})
