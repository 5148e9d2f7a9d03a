import { expect, test } from 'vitest'
import { compareKernelVersions } from '../../../src/domain/kernel-version.ts'

test.each([
  ['6.1.0-9-amd64', '6.1.0-13-amd64'],
  ['6.1.0-56-cloud-amd64', '6.12.1-1-cloud-amd64'],
  ['3.10.0-327.10.1.el7.x86_64', '3.10.0-1160.el7.x86_64'],
  ['5.14.0-362.el9.x86_64', '5.14.0-362.8.1.el9.x86_64'],
  ['5.14.0-362.el9.x86_64+debug', '5.14.0-362.el9.x86_64'],
  ['6.7.0-rc3', '6.7.0'],
  ['6.7.0-rc9', '6.7.0-rc10'],
  ['6.4.0-150600.21-default', '6.4.0-150600.23.7-default'],
])('%s is older than %s', (older, newer) => {
  expect(compareKernelVersions(older, newer)).toBeLessThan(0)
  expect(compareKernelVersions(newer, older)).toBeGreaterThan(0)
  expect(compareKernelVersions(newer, newer)).toBe(0)
})
