import { describe, expect, test } from 'vitest'
import type { NodeFile } from '../../src/render/network/network-files.ts'
import { expectGolden } from '../golden-file.ts'
import { cases, renderCase, writers } from './network-cases.ts'

const listing = (files: NodeFile[]): string =>
  files.map(({ path, mode, content }) => `==> ${path} ${mode}\n${content}`).join('')

describe.each(writers)('%s', writer => {
  test.each(Object.keys(cases))('%s', name => {
    expectGolden(`network/${writer}-${name}.txt`, listing(renderCase(writer, name)))
  })

  test('every file ends in one newline, none has trailing blanks', () => {
    for (const name of Object.keys(cases))
      for (const { content } of renderCase(writer, name)) {
        expect(content).toMatch(/[^\n]\n$/)
        expect(content).not.toMatch(/[ \t]\n|\n\n\n/)
      }
  })

  test('the BMC and an interface with nothing to say are not written', () => {
    const text = listing(renderCase(writer, 'several'))
    expect(text).toContain('10.32.0.1')
    expect(text).toContain('eth2')
    expect(text).not.toMatch(/BMC|10\.31\.0\.1|eth3/)
  })
})

test('only root can read what NetworkManager and netplan want kept so', () => {
  const modeOf = (writer: 'keyfile' | 'netplan') => renderCase(writer, 'ipv4')[1]?.mode
  expect([modeOf('keyfile'), modeOf('netplan')]).toEqual(['0600', '0600'])
})
