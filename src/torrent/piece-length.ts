const kib = 1024
const mib = 1024 * kib

/** One block of the wire protocol: a smaller piece could not be asked for in less. */
const smallestBytes = 16 * kib
const largestBytes = 4 * mib
/** What counts for a swarm's speed is how many pieces there are to trade: 20 to 40 for each node and never fewer than these. */
const leastPieces = 1000
/** Large pieces keep the piece list short, but they are for images that still have plenty of them. */
const leastLargePieces = 4000
const largeFromBytes = 2 * mib

/**
 * Piece length in bytes for a file of that size, a power of two: the longest that leaves enough pieces. 1 GB gives 512 KiB,
 * 4 GB 1 MiB, 10 GB 2 MiB; less than 16 MB has fewer than 1000 pieces, since 16 KiB is the shortest.
 */
export function pieceLengthFor(sizeBytes: number): number {
  let length = smallestBytes
  while (length < largestBytes && hasEnoughPieces(sizeBytes, length * 2)) length *= 2
  return length
}

const hasEnoughPieces = (sizeBytes: number, length: number): boolean =>
  Math.ceil(sizeBytes / length) >= (length >= largeFromBytes ? leastLargePieces : leastPieces)
