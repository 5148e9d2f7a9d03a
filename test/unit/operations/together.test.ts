import { expect, it } from 'vitest'
import { together } from '../../../src/operations/together.ts'

const fulfilled = <T>(value: T) => ({ status: 'fulfilled' as const, value })

it('does at once what has come meanwhile, some at most, in their order', async () => {
  const batches: (readonly number[])[] = []
  const double = together(async (items: readonly number[]) => {
    batches.push(items)
    return items.map(item => fulfilled(2 * item))
  }, 3)
  const first = double(1)
  await first
  expect(await Promise.all([2, 3, 4, 5].map(double))).toEqual([4, 6, 8, 10])
  expect([await first, batches]).toEqual([2, [[1], [2, 3, 4], [5]]])
})

it('never does two goes at a time', async () => {
  let running = 0
  const work = together(async (items: readonly number[]) => {
    expect(++running).toBe(1)
    await new Promise(setImmediate)
    running--
    return items.map(fulfilled)
  }, 1)
  expect(await Promise.all([1, 2, 3].map(work))).toEqual([1, 2, 3])
})

it('tells each what became of it, and all when the whole has failed', async () => {
  const work = together(async (items: readonly string[]) => {
    if (items.includes('disk full')) throw new Error('disk full')
    return items.map(item =>
      item === 'bad' ? { status: 'rejected' as const, reason: new Error('refused') } : fulfilled(item),
    )
  }, 9)
  const outcomes = await Promise.allSettled(['good', 'bad', 'fine'].map(work))
  expect(outcomes).toEqual([fulfilled('good'), { status: 'rejected', reason: new Error('refused') }, fulfilled('fine')])
  const failed = await Promise.allSettled(['good', 'disk full'].map(work))
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await work('again')).toBe('again')
})
