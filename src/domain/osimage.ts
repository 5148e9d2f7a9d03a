/** An operating system image: a directory on the head that holds a whole root file system. */
export interface Osimage {
  id: number
  name: string
  path: string
  /** Kernel version to boot, or `ANY` for the newest in the image. */
  kernver: string
  kernopts: string
  dracutmodules: string
  kernmodules: string
  grabExcludeList: string
  grabFilesystems: string
  /** Generation that nodes get now. */
  packId: number | undefined
  /** Generation that a few nodes try. */
  canaryId: number | undefined
  /** Generations that are kept besides those that somebody needs. */
  keep: number
  comment: string
}

export const osimageDefaults = {
  kernver: 'ANY',
  kernopts: '',
  dracutmodules: 'luna,-i18n,-plymouth',
  kernmodules: 'ipmi_devintf,ipmi_si,ipmi_msghandler',
  grabFilesystems: '/,/boot',
  keep: 3,
} as const

/**
 * One immutable generation of an osimage: what `luna osimage pack` made. File names are relative to `boot/` (kernel, initrd)
 * and `torrents/` (tarball, torrent) below the cluster's path. Parts that a pack left out (`--boot` or `--image` alone) are the
 * files of the generation before.
 */
export interface Pack {
  /** The generation's number, unique in the cluster. */
  id: number
  osimageId: number
  createdAtMs: number
  /** Login name of who packed it; empty when nobody wrote it down. */
  packedBy: string
  /** The generation whose parts it has where it has none of its own: the one that nodes got when it was made. */
  madeFrom: number | undefined
  /** When nodes began to get it, the last time; undefined for one that never was the current one. */
  currentAtMs: number | undefined
  kernver: string
  kernelFile: string
  initrdFile: string
  tarballFile: string
  torrentFile: string
  /** SHA-1 of the torrent's info dictionary, 40 hexadecimal digits (BEP 3). */
  infoHash: string
  sizeBytes: number
  pieceLengthBytes: number
  /** What the image was found to be: "Debian GNU/Linux 12 (bookworm)", and how its network is configured. */
  distribution: string
  networkWriter: string
  /** List of the image's packages, in `torrents/`; empty when they are not known. */
  packagesFile: string
}

/** `luna,-i18n` → modules to add and to leave out (a leading hyphen). */
export function splitModules(list: string): { add: string[]; omit: string[] } {
  const words = list.split(/[\s,]+/).filter(word => word !== '')
  return {
    add: words.filter(word => !word.startsWith('-')),
    omit: words.filter(word => word.startsWith('-')).map(word => word.slice(1)),
  }
}
