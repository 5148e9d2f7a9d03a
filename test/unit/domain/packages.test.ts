import { describe, expect, test } from 'vitest'
import { comparePackages, formatPackages, parseDpkgStatus, parsePackages } from '../../../src/domain/packages.ts'

const status = `Package: tmux
Status: install ok installed
Priority: optional
Architecture: amd64
Version: 3.3a-3
Depends: libc6 (>= 2.36)
Description: terminal multiplexer
 Package: not a field, but a line of the description
Conffiles:
 /etc/tmux.conf 1234

Package: nano
Status: deinstall ok config-files
Architecture: amd64
Version: 7.2-1

Package: libc6
Status: install ok half-configured
Architecture: i386
Multi-Arch: same
Version: 2:2.36-9

Package: gone
Status: purge ok not-installed
`

describe('what dpkg has', () => {
  test('is what is there, configured or not', () => {
    expect(formatPackages(parseDpkgStatus(status))).toBe('libc6 2:2.36-9 i386\ntmux 3.3a-3 amd64\n')
    expect(parseDpkgStatus('')).toEqual([])
  })
})

test('a list comes back as it was written, without the keys of who signs packages', () => {
  const text = 'bash 5.1.8-9.el9 x86_64\ngpg-pubkey fd431d51-4ae0493b (none)\nkernel-core 5.14.0-1 x86_64\n'
  expect(formatPackages(parsePackages(text))).toBe(text.replace(/gpg.*\n/, ''))
})

describe('two lists', () => {
  const compare = (from: string, to: string) => comparePackages(parsePackages(from), parsePackages(to))

  test('that are the same', () => expect(compare('a 1 x\nb 2 x\n', 'b 2 x\na 1 x\n')).toEqual([]))

  test('what came, went and changed, by name', () => {
    expect(compare('same 1 x\nchanged 1 x\ngone 1 x\n', 'same 1 x\nnew 1:2 x\nchanged 2 x\n')).toEqual([
      { name: 'changed', architecture: 'x', from: '1', to: '2' },
      { name: 'gone', architecture: 'x', from: '1', to: undefined },
      { name: 'new', architecture: 'x', from: undefined, to: '1:2' },
    ])
  })

  test('of several versions and architectures, those that differ', () => {
    expect(
      compare('kernel 1 x\nkernel 2 x\nlib 1 i386\nlib 1 amd64\n', 'kernel 2 x\nkernel 3 x\nlib 1 amd64\n'),
    ).toEqual([
      { name: 'kernel', architecture: 'x', from: '1', to: '3' },
      { name: 'lib', architecture: 'i386', from: '1', to: undefined },
    ])
  })
})
