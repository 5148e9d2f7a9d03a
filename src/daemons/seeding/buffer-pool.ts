/** Unused buffers that are kept. */
const mostSpare = 16

/**
 * Buffers of one size that are used again and again. With a new one each time the seeder spent half its time on collecting them; the one that
 * was given back last is still in the processor's cache.
 */
export class BufferPool {
  readonly sizeBytes: number
  readonly #spare: Buffer[] = []

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes
  }

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.sizeBytes)
  }

  giveBack(buffer: Buffer): void {
    if (this.#spare.length < mostSpare) this.#spare.push(buffer)
  }
}
