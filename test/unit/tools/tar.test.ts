import { expect, test } from 'vitest'
import { isSocketNotice, parseCheckpoint, parseTreeSize } from '../../../src/tools/tar.ts'

test('checkpoints count records of 64 KiB', () => {
  expect(parseCheckpoint('tar: checkpoint 64')).toBe(4 * 1024 * 1024)
  expect(parseCheckpoint('tar: ./checkpoint 64: file changed as we read it')).toBeUndefined()
})

test('sockets are passed over in silence', () => {
  expect(isSocketNotice('tar: ./run/x.sock: socket ignored')).toBe(true)
  expect(isSocketNotice('tar: ./x: Permission denied')).toBe(false)
})

test("du's only line is a number of bytes", () => {
  expect(parseTreeSize('337866752\t/opt/luna/os/compute\n')).toBe(337866752)
  expect(parseTreeSize('')).toBeUndefined()
})
