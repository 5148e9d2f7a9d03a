/** How an initrd is compressed, best first: by size and time to unpack. */
export const initrdCompressions = ['zstd', 'xz', 'gzip'] as const

export type InitrdCompression = (typeof initrdCompressions)[number]

const options: Record<InitrdCompression, string> = {
  zstd: 'CONFIG_RD_ZSTD=y',
  xz: 'CONFIG_RD_XZ=y',
  gzip: 'CONFIG_RD_GZIP=y',
}

/** The best that the kernel can unpack, told from its configuration file; gzip, which every kernel can, when there is none. */
export function chooseCompression(kernelConfig: string | undefined): InitrdCompression {
  const lines = new Set(kernelConfig?.split('\n'))
  return initrdCompressions.find(compression => lines.has(options[compression])) ?? 'gzip'
}

/** Places of a kernel's configuration file in an image. */
export const kernelConfigPaths = (version: string): string[] => [
  `/boot/config-${version}`,
  `/lib/modules/${version}/config`,
]
