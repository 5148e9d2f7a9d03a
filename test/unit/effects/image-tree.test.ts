import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createImageTree } from '../../../src/effects/image-tree.ts'

const tree = createImageTree()
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'luna-image-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

test('kernels are those with modules and a kernel file in either place, newest last', async () => {
  mkdirSync(join(root, 'usr'))
  symlinkSync('usr/lib', join(root, 'lib'))
  write('usr/lib/modules/6.1.0-9-amd64/modules.dep')
  write('usr/lib/modules/6.1.0-13-amd64/vmlinuz')
  write('usr/lib/modules/6.1.0-44-amd64/modules.dep') // its kernel was removed
  write('boot/vmlinuz-6.1.0-9-amd64')
  write('boot/vmlinuz-6.1.0-50-amd64') // without modules
  expect(await tree.findKernels(root)).toEqual(['6.1.0-9-amd64', '6.1.0-13-amd64'])
  expect(await tree.findKernelFile(root, '6.1.0-13-amd64')).toBe(join(root, 'usr/lib/modules/6.1.0-13-amd64/vmlinuz'))
  expect(await tree.findKernelFile(root, '6.1.0-9-amd64')).toBe(join(root, 'boot/vmlinuz-6.1.0-9-amd64'))
})

test('a tree that is not there has no kernels and is no directory', async () => {
  expect(await tree.findKernels(join(root, 'missing'))).toEqual([])
  expect(await tree.isDirectory(join(root, 'missing'))).toBe(false)
  write('file')
  expect(await tree.isDirectory(join(root, 'file'))).toBe(false)
  expect(await tree.isDirectory(root)).toBe(true)
})

test('links are followed inside the image', async () => {
  write('usr/lib/os-release', 'ID=ours\n')
  mkdirSync(join(root, 'etc'))
  symlinkSync('/usr/lib/os-release', join(root, 'etc/os-release'))
  symlinkSync('../../../../../etc/os-release', join(root, 'etc/climbing'))
  expect(await tree.read(root, '/etc/os-release')).toBe('ID=ours\n')
  expect(await tree.read(root, '/etc/climbing')).toBe('ID=ours\n')
})

test('a link that goes nowhere or round in circles is no file', async () => {
  symlinkSync('/no/such/file', join(root, 'dangling'))
  symlinkSync('b', join(root, 'a'))
  symlinkSync('a', join(root, 'b'))
  expect(await tree.read(root, '/dangling')).toBeUndefined()
  expect(await tree.read(root, '/a')).toBeUndefined()
})
