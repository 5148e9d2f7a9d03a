import { expect, test } from 'vitest'
import { readLabSettings } from '../../../lab/settings.ts'

test('nothing need be said', () => {
  expect(readLabSettings({})).toMatchObject({
    paths: { directory: '/var/cache/luna-lab' },
    machine: { memoryMb: 2048, accelerator: 'tcg' },
    seederUploadLimit: 6_291_456,
    timeoutMs: undefined,
  })
})

test('everything can be said', () => {
  const said = { LUNA_LAB_DIR: '/lab', LUNA_LAB_MEMORY: '4096', LUNA_LAB_ACCEL: 'kvm', LUNA_LAB_TIMEOUT: '30' }
  expect(readLabSettings({ ...said, LUNA_LAB_SEEDER_LIMIT: '0' })).toMatchObject({
    paths: { directory: '/lab' },
    machine: { memoryMb: 4096, accelerator: 'kvm' },
    seederUploadLimit: undefined,
    timeoutMs: 30_000,
  })
})

test.each([
  ['LUNA_LAB_MEMORY', '2G'],
  ['LUNA_LAB_MEMORY', '64'],
  ['LUNA_LAB_ACCEL', 'xen'],
  ['LUNA_LAB_SEEDER_LIMIT', '-1'],
  ['LUNA_LAB_TIMEOUT', '0'],
  ['LUNA_LAB_DIR', '../lab'],
])('%s=%s is refused by its name', (name, value) => {
  expect(() => readLabSettings({ [name]: value })).toThrow(name)
})
