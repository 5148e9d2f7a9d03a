import { expect, test } from 'vitest'
import { chooseCompression } from '../../../src/domain/initrd.ts'

test.each([
  ['CONFIG_RD_GZIP=y\nCONFIG_RD_XZ=y\nCONFIG_RD_ZSTD=y\n', 'zstd'],
  ['CONFIG_RD_GZIP=y\nCONFIG_RD_XZ=y\n# CONFIG_RD_ZSTD is not set\n', 'xz'],
  ['CONFIG_RD_GZIP=y\n', 'gzip'],
  [undefined, 'gzip'],
] as const)('%j can unpack %s', (config, compression) => {
  expect(chooseCompression(config)).toBe(compression)
})
