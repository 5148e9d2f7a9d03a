/** Pieces from which a node picks while it unpacks: dracut/95luna/luna-client. */
export const streamWindow = 64
/** Blocks of 16 KiB that a node asks of one neighbour at most: client/settings.cpp. */
const mostBlocks = 64

/** The simulated node as the real one is. */
export const nodeSettings = (pieceLengthBytes: number) => ({
  window: streamWindow,
  mostRequests: Math.ceil((mostBlocks * 16 * 1024) / pieceLengthBytes),
})
