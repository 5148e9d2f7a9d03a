import { expect, test } from 'vitest'
import { parseHardware } from '../../../src/domain/hardware.ts'
import { findNumber, parseQuery } from '../../../src/http/query.ts'

const mac = '52:54:00:00:00:01'

test.each([
  ['/luna', {}],
  ['/luna?', { '': '' }],
  ['/luna?step=boot', { step: 'boot' }],
  ['/luna?step=boot&step=install', { step: 'boot' }],
  ['/luna?step=discovery&hwdata=A%20B|52%3A54', { step: 'discovery', hwdata: 'A B|52:54' }],
  ['/luna?hwdata=AT&T|52%3A54&node=node001', { hwdata: 'AT&T|52:54', node: 'node001' }],
  ['/luna?hwdata=a=b&=c&d', { hwdata: 'a=b&=c&d' }],
  ['/luna?hwdata=100%|%ff|%41', { hwdata: '100%|%ff|A' }],
  ['/luna?hwdata=a+b', { hwdata: 'a+b' }],
])('%s', (url, query) => {
  expect(Object.fromEntries(parseQuery(url))).toEqual(query)
})

test.each([
  ['0', 0],
  ['33.512', 33.512],
  ['158000000', 158_000_000],
  ['', undefined],
])('number %j', (text, number) => {
  expect(findNumber(new Map([['uptime', text]]), 'uptime')).toBe(number)
})

test.each(['-1', '1e9', 'NaN', 'Infinity', '0x10', ' 1', '1'.repeat(30)])('%j is no number', text => {
  expect(() => findNumber(new Map([['uptime', text]]), 'uptime')).toThrow('uptime must be a number')
})

test.each([
  ['', '', []],
  ['ASSET', 'ASSET', []],
  [`|${mac}`, '', [mac]],
  [`A|${mac.toUpperCase()}||52-54-00-00-00-02|${mac}`, 'A', [mac, '52:54:00:00:00:02']],
  ['A|ff:ff:ff:ff:ff:ff|00:00:00:00:00:00|80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:a1:b2:c3', 'A', []],
])('hardware %j', (text, asset, macs) => {
  expect(parseHardware(text)).toMatchObject({ asset, macs })
})

test('more NICs than any machine has are not looked at', () => {
  const many = Array.from(
    { length: 500 },
    (_, index) =>
      `52:54:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
  )
  expect(parseHardware(`|${many.join('|')}`).macs).toHaveLength(64)
})
