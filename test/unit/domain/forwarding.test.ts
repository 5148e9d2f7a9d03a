import { expect, test } from 'vitest'
import { changeForwarding, forgetMs, refreshMs } from '../../../src/domain/forwarding.ts'
import { type Mac, parseMac } from '../../../src/domain/mac.ts'

const [a, b] = ['52:54:00:00:00:0a', '52:54:00:00:00:0b'].map(parseMac) as [Mac, Mac]
const now = 1_800_000_000_000
const stored = (id: number, mac: Mac, port: string, ageMs = 0) => ({ id, mac, port, seenAtMs: now - ageMs })

test('what is new is learned; what is there already and was stored lately changes nothing', () => {
  expect(
    changeForwarding(
      [stored(1, a, '1', refreshMs)],
      [
        { mac: a, port: '1' },
        { mac: b, port: '2' },
      ],
      now,
    ),
  ).toEqual({
    learn: [{ mac: b, port: '2' }],
    refresh: [],
    forget: [],
  })
})

test('what is there still gets a new time now and then', () => {
  expect(changeForwarding([stored(1, a, '1', refreshMs + 1)], [{ mac: a, port: '1' }], now).refresh).toEqual([1])
})

test('what is no longer listed stays for a while', () => {
  expect(changeForwarding([stored(1, a, '1', forgetMs)], [], now).forget).toEqual([])
  expect(changeForwarding([stored(1, a, '1', forgetMs + 1)], [], now).forget).toEqual([1])
})

test('what is at another port now is forgotten at the old one at once', () => {
  expect(changeForwarding([stored(1, a, '1')], [{ mac: a, port: '2' }], now)).toEqual({
    learn: [{ mac: a, port: '2' }],
    refresh: [],
    forget: [1],
  })
})

test('a clock that was set back leaves nothing for ever', () => {
  expect(changeForwarding([stored(1, a, '1', -forgetMs - 1)], [], now).forget).toEqual([1])
})
