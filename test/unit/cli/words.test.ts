import { expect, test } from 'vitest'
import type { Option } from '../../../src/cli/command.ts'
import { normalise } from '../../../src/cli/words.ts'

const options: readonly Option[] = [
  { flags: '-n, --name', value: 'NAME', help: '' },
  { flags: '-N, --network', value: 'NETWORK', help: '' },
  { flags: '--setnet', aliases: ['--sn'], value: 'NETWORK', help: '' },
  { flags: '--delnet', value: '[NETWORK]', help: '' },
  { flags: '--boot_if', value: 'NAME', help: '' },
  { flags: '--bmcnetwork', aliases: ['-bn'], help: '' },
]

test.each([
  ['-n a', '--name a'],
  ['--na a', '--name a'],
  ['--sn=x', '--setnet=x'],
  ['-bn --sn a', '--bmcnetwork --setnet a'],
  ['--delnet -bn', '--delnet --bmcnetwork'],
  ['-n -N', '--name -N'],
  ['-n -- -N a', '--name -- --network a'],
  ['-n=x -N y', '-n=x --network y'],
  ['--boot-if x', '--boot_if x'],
  ['--boot-i=x', '--boot_if=x'],
  ['a -- -n b', 'a -- -n b'],
  ['--nope -n b', '--nope --name b'],
])('%s is %s', (typed, meant) => {
  expect(normalise(typed.split(' '), options).join(' ')).toBe(meant)
})

test('what may be two options is refused', () => {
  expect(() => normalise(['--ne', 'x'], options)).not.toThrow()
  expect(() => normalise(['--n', 'x'], options)).toThrow('--n may mean --name or --network; write it out')
})
