import { expect, test } from 'vitest'
import { runBoth } from '../../../src/operations/run-both.ts'

/** Ends when it is aborted, with that as its error. */
const wait = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(new Error('stopped'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })

test('both results come back', async () => {
  const { signal } = new AbortController()
  expect(
    await runBoth(
      signal,
      async () => 1,
      async () => 'a',
    ),
  ).toEqual([1, 'a'])
})

test('the failure of one stops the other and is the one that is told', async () => {
  const { signal } = new AbortController()
  const fail = async () => {
    throw new Error('full')
  }
  await expect(runBoth(signal, wait, fail)).rejects.toThrow('full')
  await expect(runBoth(signal, fail, wait)).rejects.toThrow('full')
})

test('who aborts from outside stops both', async () => {
  const controller = new AbortController()
  const running = runBoth(controller.signal, wait, wait)
  controller.abort()
  await expect(running).rejects.toThrow('stopped')
})
