import { expect, test } from 'vitest'
import { parseHardware } from '../../../src/domain/hardware.ts'

test('what the firmware says of the machine', () => {
  const more = {
    serial: ' CN7792 ',
    uuid: '4C4C4544-0039-3710-8032-B3C04F4D3232',
    manufacturer: 'Dell Inc.',
    product: 'R 740',
  }
  expect(parseHardware('A1|', { ...more, mac: '52-54-00-00-00-01' })).toEqual({
    macs: [],
    bootMac: '52:54:00:00:00:01',
    asset: 'A1',
    serial: 'CN7792',
    uuid: '4c4c4544-0039-3710-8032-b3c04f4d3232',
    manufacturer: 'Dell Inc.',
    product: 'R 740',
  })
})

test.each([
  'To Be Filled By O.E.M.',
  'Default string',
  'Not Specified',
  'System Serial Number',
  'No Asset Tag',
  'None',
  '0000000000',
  '0123456789',
  '........',
  '  ',
  'two\nlines',
  'bell\u0007',
  'escape\u001b[2J',
  'right\u202eto left',
  'line\u2028end',
])('%j says nothing', text => {
  expect(parseHardware(text, { serial: text, manufacturer: text, product: text })).toMatchObject({
    asset: '',
    serial: '',
    manufacturer: '',
    product: '',
  })
})

test.each(['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '4c4c4544', 'x'.repeat(36)])(
  'UUID %s is none',
  uuid => {
    expect(parseHardware('', { uuid }).uuid).toBe('')
  },
)

test('a text is bounded, by characters', () => {
  expect(parseHardware(`${'\u{1f600}'.repeat(500)}|`).asset).toBe('\u{1f600}'.repeat(64))
})

test('a MAC that is none is not what it boots from', () => {
  expect(parseHardware('', { mac: '' }).bootMac).toBeUndefined()
  expect(
    parseHardware('', { mac: '80-00-02-08-fe-80-00-00-00-00-00-00-00-02-c9-03-00-a1-b2-c3' }).bootMac,
  ).toBeUndefined()
})
