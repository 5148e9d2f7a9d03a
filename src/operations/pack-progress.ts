/**
 * How far a pack is. `image` (tar and zstd) and `initrd` (dracut) go on at the same time, `pieces` (the torrent's hashes)
 * follows `image`. `done` and `total` are bytes: of the image before compression, and of the tarball; `initrd` has neither.
 */
export interface PackProgress {
  phase: 'image' | 'pieces' | 'initrd'
  done: number
  /** Undefined as long as it is not known; an estimate for `image`. */
  total: number | undefined
  /** What `initrd` is at. */
  step?: string
}

export type ReportPackProgress = (progress: PackProgress) => void

export const initrdStep = (step: string): PackProgress => ({ phase: 'initrd', done: 0, total: undefined, step })
