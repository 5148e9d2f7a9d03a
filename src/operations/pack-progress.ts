/**
 * How far a pack is. `image` (tar and zstd) and `initrd` (dracut) go on at the same time, `pieces` (the torrent's hashes)
 * follows `image`. `done` and `total` are bytes: of the image before compression, and of the tarball; for `initrd`, `done` counts
 * steps of dracut.
 */
export interface PackProgress {
  phase: 'image' | 'pieces' | 'initrd'
  done: number
  /** Undefined as long as it is not known, as that of `initrd` always is. An estimate for `image`. */
  total: number | undefined
  /** What dracut is at. */
  step?: string
}

export type ReportPackProgress = (progress: PackProgress) => void
