/** How large the image is and how fast the links are. */
export interface Scale {
  nodes: number
  sizeBytes: number
  pieceLengthBytes: number
  /** Of every link in both directions; undefined: as fast as the machine can. */
  bitsPerSecond?: number
}

const pieceCount = 1024

const scaleOf = (nodes: number, pieceKiB: number, megabitsPerSecond?: number): Scale => ({
  nodes,
  sizeBytes: pieceCount * pieceKiB * 1024,
  pieceLengthBytes: pieceKiB * 1024,
  ...(megabitsPerSecond && { bitsPerSecond: megabitsPerSecond * 1e6 }),
})

/**
 * The pieces are always as many as those of a large image. They are smaller and the links slower the more nodes there are, so that two cores
 * are enough for all of them: a piece costs that each node tells each other of it.
 */
const scales = [scaleOf(1, 1024, 800), scaleOf(8, 128, 96), scaleOf(24, 32, 16), scaleOf(48, 16, 3)]

/** Large pieces, and nothing but the processors to wait for: what a GB costs. */
export const unshapedScales = [scaleOf(1, 512), scaleOf(8, 512)]
export const measuredNodeCounts = [1, 8, 24]
export const mostNodes = scales.at(-1)!.nodes

/** @param nodes from 1 to `mostNodes` */
export const findScale = (nodes: number): Scale => ({ ...scales.find(scale => scale.nodes >= nodes)!, nodes })

/** S/R: what one copy takes without any framing. */
export const copySecondsOf = ({ sizeBytes, bitsPerSecond }: Scale): number =>
  bitsPerSecond === undefined ? 0 : (sizeBytes * 8) / bitsPerSecond

export function describeScale(scale: Scale): string {
  const size = `S = ${scale.sizeBytes / 2 ** 20} MiB in ${pieceCount} pieces of ${scale.pieceLengthBytes / 1024} KiB`
  if (scale.bitsPerSecond === undefined) return `N = ${scale.nodes}, ${size}, links as fast as the machine`
  return `N = ${scale.nodes}, ${size}, R = ${scale.bitsPerSecond / 1e6} Mbit/s, S/R = ${copySecondsOf(scale).toFixed(1)} s`
}
