/** What will happen, in virtual time: a binary heap of times and acts. */
export class Agenda {
  now = 0
  readonly #times: number[] = []
  readonly #acts: (() => void)[] = []

  /** Lets it happen that many seconds from now. */
  after(seconds: number, act: () => void): void {
    this.at(this.now + seconds, act)
  }

  at(time: number, act: () => void): void {
    const [times, acts] = [this.#times, this.#acts]
    let index = times.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (times[parent]! <= time) break
      times[index] = times[parent]!
      acts[index] = acts[parent]!
      index = parent
    }
    times[index] = time
    acts[index] = act
  }

  run(until: () => boolean): void {
    while (this.#times.length > 0 && !until()) {
      this.now = this.#times[0]!
      const act = this.#acts[0]!
      this.#removeFirst()
      act()
    }
  }

  #removeFirst(): void {
    const [times, acts] = [this.#times, this.#acts]
    const time = times.pop()!
    const act = acts.pop()!
    const { length } = times
    if (length === 0) return
    let index = 0
    for (let child = 1; child < length; child = 2 * index + 1) {
      if (child + 1 < length && times[child + 1]! < times[child]!) child++
      if (times[child]! >= time) break
      times[index] = times[child]!
      acts[index] = acts[child]!
      index = child
    }
    times[index] = time
    acts[index] = act
  }
}
