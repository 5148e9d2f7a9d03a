import { expect, it } from 'vitest'
import { fanOut } from '../../../src/operations/fan-out.ts'

it('works on at most so many at once, and starts the next as soon as one is done', async () => {
  const running = new Map<number, () => void>()
  const all = fanOut([0, 1, 2, 3, 4], 2, async item => {
    await new Promise<void>(resolve => running.set(item, resolve))
    running.delete(item)
    return item * 10
  })
  const finish = async (item: number) => {
    running.get(item)!()
    await new Promise(setImmediate)
    return [...running.keys()]
  }
  expect([...running.keys()]).toEqual([0, 1])
  expect(await finish(1)).toEqual([0, 2])
  expect(await finish(2)).toEqual([0, 3])
  expect(await finish(0)).toEqual([3, 4])
  await finish(4)
  await finish(3)
  expect(await all).toEqual([0, 10, 20, 30, 40])
})

it('does nothing with nothing', async () => {
  expect(await fanOut([], 8, async () => expect.unreachable())).toEqual([])
})
