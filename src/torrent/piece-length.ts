const kib = 1024
const mib = 1024 * kib

/** One block of the wire protocol: a smaller piece could not be asked for in less. */
const smallestBytes = 16 * kib
const largestBytes = 4 * mib
/** What counts for a swarm's speed is how many pieces there are to trade: so many for each node, and never fewer than these. */
const piecesPerNode = 20
const leastPieces = 1000
/** Large pieces keep the piece list short, but they are for images that still have plenty of them. */
const leastLargePieces = 4000
const largeFromBytes = 2 * mib
/**
 * Of N nodes the last is late by some 2 N / pieces of a copy (bench/swarm-curve.ts), and their .torrent files, which all come from the head,
 * take 20 N pieces / size of one: the sum is least at the root of a tenth of the size, and hardly more at half as many pieces.
 */
const mostUsefulPieces = (sizeBytes: number): number => Math.sqrt(sizeBytes / 10) / 2
/** An image that has grown or shrunk by so little, or as few nodes more or less, is no reason for another length. */
const slack = 0.8

/** What is packed, and for whom. */
export interface PieceLengthInput {
  sizeBytes: number
  /** Nodes that may fetch it at once. */
  nodeCount: number
  /** The piece length of the generation before, which stays where another would hardly be better. */
  previousBytes?: number | undefined
}

/**
 * Piece length in bytes, a power of two: the longest that leaves enough pieces. For up to 50 nodes 1 GB gives 512 KiB, 4 GB 1 MiB, 10 GB
 * 2 MiB, for 150 nodes 1 GB gives 256 KiB, for more 128 KiB; less than 16 MB has fewer than 1000 pieces, since 16 KiB is the shortest.
 */
export function pieceLengthFor(input: PieceLengthInput): number {
  const { previousBytes } = input
  let length = smallestBytes
  while (length < largestBytes && hasEnoughPieces(input, length * 2)) length *= 2
  const stays =
    (previousBytes === length * 2 && hasEnoughPieces(input, previousBytes, slack)) ||
    (previousBytes === length / 2 && !hasEnoughPieces(input, length, 1 / slack))
  return stays ? previousBytes : length
}

function hasEnoughPieces({ sizeBytes, nodeCount }: PieceLengthInput, length: number, part = 1): boolean {
  const least = length >= largeFromBytes ? leastLargePieces : leastPieces
  const wanted = Math.max(least, Math.min(piecesPerNode * nodeCount, mostUsefulPieces(sizeBytes)))
  return Math.ceil(sizeBytes / length) >= part * wanted
}
