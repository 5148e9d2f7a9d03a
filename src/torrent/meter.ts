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

const lowestSpanMs = 5000

/** The lowest value of the last whole span and the present one; 0 before there is any. */
export class Lowest {
  #since = 0
  #present = Number.POSITIVE_INFINITY
  #last = Number.POSITIVE_INFINITY

  add(value: number, nowMs: number): void {
    if (nowMs - this.#since >= lowestSpanMs) {
      this.#last = this.#present
      this.#present = Number.POSITIVE_INFINITY
      this.#since = nowMs
    }
    this.#present = Math.min(this.#present, value)
  }

  get value(): number {
    const lowest = Math.min(this.#present, this.#last)
    return lowest === Number.POSITIVE_INFINITY ? 0 : lowest
  }
}
