import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dracutCommand, parseDracutStep, parseLunaWarning } from '../../../src/tools/dracut.ts'

const readme = readFileSync(join(import.meta.dirname, '../../../dracut/95luna/README'), 'utf8')
const documented = (what: string): string => new RegExp(`^${what}: (.*)$`, 'm').exec(readme)![1]!
const input = { kernver: '6.1', add: [], omit: [], drivers: [], omitDrivers: [], output: '/run/luna/initrd' }

function optionOf(argv: readonly string[], name: string): string | undefined {
  return argv[argv.indexOf(name) + 1]
}

test('an initrd is made of what the dracut module asks for', () => {
  const { argv } = dracutCommand(input)
  expect(optionOf(argv, '--modules')).toBe(documented('modules'))
  expect(optionOf(argv, '--omit')).toBe(documented('omit'))
  expect(argv).not.toContain('--add-drivers')
  expect(argv.at(-1)).toBe('/run/luna/initrd')
})

test('an osimage adds modules, also those that are left out otherwise, and drivers', () => {
  const { argv } = dracutCommand({
    ...input,
    add: ['luna', 'lvm', 'systemd'],
    omit: ['i18n', 'bash'],
    drivers: ['a', 'b'],
  })
  expect(optionOf(argv, '--modules')).toBe(`${documented('modules')} lvm systemd`)
  expect(optionOf(argv, '--omit')!.split(' ')).not.toContain('systemd')
  expect(
    optionOf(argv, '--omit')!
      .split(' ')
      .filter(name => name === 'i18n'),
  ).toHaveLength(1)
  expect(optionOf(argv, '--omit')).toMatch(/ bash$/)
  expect(optionOf(argv, '--add-drivers')).toBe('a b')
})

test('an osimage omits drivers, or all that it does not name', () => {
  const some = dracutCommand({ ...input, omitDrivers: ['ice', 'qed'] }).argv
  expect(optionOf(some, '--omit-drivers')).toBe('ice qed')
  expect(some[0]).toBe('dracut')
  const named = dracutCommand({ ...input, drivers: ['ixgbe'], omitDrivers: ['all', 'ahci'] }).argv
  expect(named.slice(0, 3)).toEqual(['env', 'LUNA_DRIVERS=named', 'dracut'])
  expect(optionOf(named, '--add-drivers')).toBe('ixgbe')
  expect(optionOf(named, '--omit-drivers')).toBe('ahci')
})

test.each(['dracut: *** Including module: luna ***', 'dracut[I]: *** Including module: luna ***'])(
  '%s is a step',
  line => {
    expect(parseDracutStep(line)).toBe('Including module: luna')
    expect(parseLunaWarning(line)).toBeUndefined()
  },
)

test("only Luna's own warnings are the administrator's", () => {
  expect(parseLunaWarning('dracut: luna: the image has no dhclient')).toBe('the image has no dhclient')
  expect(parseLunaWarning("dracut: Could not find 'strip'. Not stripping the initramfs.")).toBeUndefined()
})
