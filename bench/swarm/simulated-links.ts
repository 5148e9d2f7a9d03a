import type { Agenda } from './agenda.ts'
import { type Host, hasBit, type Link } from './simulated-host.ts'

/** Pieces that one host has on their way to another. */
const mostFlying = 2

/** Moves pieces: a host sends one after the other, to those who ask in turn; what comes to one host comes one after the other, too. */
export class SimulatedLinks {
  sentByHeads = 0
  readonly #agenda: Agenda
  readonly #latencySeconds: number
  readonly #arrived: (link: Link, piece: number) => void

  constructor(agenda: Agenda, latencySeconds: number, arrived: (link: Link, piece: number) => void) {
    this.#agenda = agenda
    this.#latencySeconds = latencySeconds
    this.#arrived = arrived
  }

  request(link: Link, piece: number): void {
    link.to.markAsked(piece)
    link.pending++
    link.queue.push(piece)
    this.#makeReady(link)
  }

  /** A receiver that has our last pieces still under way is passed over. */
  #makeReady(link: Link): void {
    if (link.ready || link.queue.length === 0 || link.flying >= mostFlying || !link.open) return
    link.ready = true
    link.from.turns.push(link)
    this.#send(link.from)
  }

  #send(from: Host): void {
    while (!from.sending && from.on) {
      const link = from.turns.shift()
      if (!link) return
      link.ready = false
      if (!link.open) continue
      const piece = link.queue.shift()!
      // what has come from elsewhere meanwhile has been cancelled
      if (hasBit(link.to.have, piece)) link.pending--
      else this.#transfer(link, piece)
      this.#makeReady(link)
    }
  }

  #transfer(link: Link, piece: number): void {
    const { from, to } = link
    from.sending = true
    link.flying++
    if (from.isHead) this.sentByHeads++
    const leaves = this.#agenda.now + from.upSeconds
    this.#agenda.at(leaves, () => {
      from.sending = false
      this.#send(from)
    })
    // through the link down behind what is there already; both links work at the same time
    const arrives = Math.max(leaves, to.downFreeAt + to.downSeconds)
    to.downFreeAt = arrives
    this.#agenda.at(arrives + this.#latencySeconds, () => {
      link.flying--
      link.pending--
      this.#makeReady(link)
      if (to.on) this.#arrived(link, piece)
    })
  }
}
