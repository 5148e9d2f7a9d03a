/** Rates are of this long. */
const spanMs = 1000

/** Counts per second, of the last whole span and the present one. */
export class Meter {
  #since = 0
  #present = 0
  #last = 0

  add(count: number, nowMs: number): void {
    this.#turn(nowMs)
    this.#present += count
  }

  rate(nowMs: number): number {
    this.#turn(nowMs)
    const part = (nowMs - this.#since) / spanMs
    return ((this.#last * (1 - part) + this.#present) * 1000) / spanMs
  }

  #turn(nowMs: number): void {
    const spans = Math.floor((nowMs - this.#since) / spanMs)
    if (spans <= 0) return
    this.#last = spans === 1 ? this.#present : 0
    this.#present = 0
    this.#since += spans * spanMs
  }
}
