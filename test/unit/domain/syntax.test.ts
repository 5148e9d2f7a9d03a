import { describe, expect, test } from 'vitest'
import { formatAddress, parseAddress } from '../../../src/domain/address.ts'
import { parseHostlist } from '../../../src/domain/hostlist.ts'
import { findMac, parseMac } from '../../../src/domain/mac.ts'
import { parseHostName, parseInterfaceName, parseNetworkName, parseObjectName } from '../../../src/domain/name.ts'
import { LunaError } from '../../../src/errors.ts'
import { readExamples } from './examples.ts'

const parsers: Record<string, (text: string) => string> = {
  mac: parseMac,
  address: text => formatAddress(parseAddress(text)),
  'host-name': parseHostName,
  'object-name': text => parseObjectName('a group', text),
  'network-name': parseNetworkName,
  'interface-name': parseInterfaceName,
  hostlist: text => parseHostlist(text).join(' '),
}

describe.each(Object.entries(parsers))('%s', (name, parse) => {
  test.each(readExamples(`${name}-valid`))('takes $input', ({ input, expected }) => {
    expect(parse(input)).toBe(expected)
  })

  test.each(readExamples(`${name}-invalid`))('refuses $input', ({ input }) => {
    const refused = expect(() => parse(input))
    refused.toThrow(LunaError)
    refused.toThrow(expect.objectContaining({ kind: 'invalid' }))
  })
})

test('a list of ranges that would fill the memory is refused at once', () => {
  const ranges = Array.from({ length: 10_000 }, () => '1-99999').join(',')
  expect(() => parseHostlist(`node[${ranges}]`)).toThrow('names more than')
})

test('findMac finds none where parseMac throws', () => {
  for (const { input } of readExamples('mac-invalid')) expect(findMac(input)).toBeUndefined()
})
