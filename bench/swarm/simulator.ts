import { OneCopyPlan } from '../../src/torrent/one-copy-plan.ts'

/** A swarm in virtual time: one head and nodes that fetch one torrent from it and from each other. */
export interface SwarmInput {
  nodes: number
  pieces: number
  /** Seconds that one whole copy takes through a link of rate 1. */
  copySeconds: number
  /** Neighbours of each node, beside the head. */
  degree?: number
  /** Pieces that a node has asked of one neighbour at a time. */
  requests?: number
  /** Nodes pick the rarest among that many of the first pieces that they lack. */
  window?: number
  /** When the nodes start, seconds. */
  startAt?: (node: number) => number
  /** Rate of a node's links, of the head's. */
  rateOf?: (node: number) => { up: number; down: number }
  /** When a node is switched off, seconds. */
  endAt?: (node: number) => number | undefined
  policy?: 'one-copy' | 'rarest'
  seed?: number
}

export interface SwarmResult {
  /** Seconds from the first start to each node's last piece; undefined for those that did not get it. */
  completedAt: (number | undefined)[]
  /** Of what the head sent, in whole copies. */
  copies: number
  /** Time of the last completion over `copySeconds`. */
  ratio: number
}

const head = 0
/** Seconds from a message to the reaction to it. */
const latency = 0.002
/** Pieces that one host has on their way to another: what TCP would have unacknowledged. */
const mostFlying = 2

/** Deterministic random numbers (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Events in the order of their times. */
class Agenda {
  #times: number[] = []
  #acts: (() => void)[] = []
  now = 0

  at(time: number, act: () => void): void {
    let index = this.#times.length
    this.#times.push(time)
    this.#acts.push(act)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.#times[parent]! <= time) break
      this.#times[index] = this.#times[parent]!
      this.#acts[index] = this.#acts[parent]!
      index = parent
    }
    this.#times[index] = time
    this.#acts[index] = act
  }

  run(until: () => boolean): void {
    while (this.#times.length > 0 && !until()) {
      this.now = this.#times[0]!
      const act = this.#acts[0]!
      const time = this.#times.pop()!
      const last = this.#acts.pop()!
      const { length } = this.#times
      if (length > 0) {
        let index = 0
        for (;;) {
          let child = 2 * index + 1
          if (child >= length) break
          if (child + 1 < length && this.#times[child + 1]! < this.#times[child]!) child++
          if (this.#times[child]! >= time) break
          this.#times[index] = this.#times[child]!
          this.#acts[index] = this.#acts[child]!
          index = child
        }
        this.#times[index] = time
        this.#acts[index] = last
      }
      act()
    }
  }
}

class Host {
  readonly id: number
  readonly have: Uint8Array
  readonly list: number[] = []
  readonly asked: Uint8Array
  /** How many of its neighbours have each piece. */
  readonly availability: Uint16Array
  readonly neighbours: number[] = []
  /** Requests by who asks, in turn; a piece each. */
  readonly queues = new Map<number, number[]>()
  readonly turns: number[] = []
  /** Pieces on their way, by receiver. */
  readonly flying = new Map<number, number>()
  readonly pending = new Map<number, number>()
  sending = false
  downFreeAt = 0
  on = false
  firstMissing = 0
  completedAt: number | undefined
  readonly up: number
  readonly down: number

  constructor(id: number, pieces: number, up: number, down: number) {
    this.id = id
    this.have = new Uint8Array(pieces)
    this.asked = new Uint8Array(pieces)
    this.availability = new Uint16Array(pieces)
    this.up = up
    this.down = down
  }
}

export function simulateSwarm(input: SwarmInput): SwarmResult {
  const { nodes, pieces, copySeconds, degree = 50, requests = 3, window = pieces, policy = 'one-copy' } = input
  const random = randomFrom(input.seed ?? 1)
  const agenda = new Agenda()
  const rateOf = input.rateOf ?? (() => ({ up: 1, down: 1 }))
  const pieceSeconds = copySeconds / pieces
  const hosts = Array.from({ length: nodes + 1 }, (_, id) => {
    const { up, down } = rateOf(id)
    return new Host(id, pieces, up, down)
  })
  const plan = new OneCopyPlan({ pieceCount: pieces })
  let sentByHead = 0
  let left = nodes

  const ms = () => agenda.now * 1000

  function start(id: number): void {
    const host = hosts[id]!
    host.on = true
    plan.addPeer(id)
    const others = hosts.filter(other => other.id !== head && other.id !== id && other.on)
    // the tracker's sample
    for (let index = 0; index < Math.min(degree, others.length); index++) {
      const chosen = index + Math.floor(random() * (others.length - index))
      ;[others[index], others[chosen]] = [others[chosen]!, others[index]!]
      connect(host, others[index]!)
    }
    if (policy === 'rarest') connect(host, hosts[head]!)
    else offer(id)
    for (const other of [...host.neighbours]) ask(host, hosts[other]!)
  }

  function connect(one: Host, other: Host): void {
    if (one.neighbours.includes(other.id)) return
    one.neighbours.push(other.id)
    if (other.id !== head) other.neighbours.push(one.id)
    for (const piece of other.list) one.availability[piece]!++
    for (const piece of one.list) other.availability[piece]!++
    if (other.id !== head) ask(other, one)
  }

  function end(id: number): void {
    const host = hosts[id]!
    if (!host.on) return
    host.on = false
    if (host.completedAt === undefined) left--
    plan.removePeer(id)
    for (const neighbour of host.neighbours) {
      const other = hosts[neighbour]!
      other.neighbours.splice(other.neighbours.indexOf(id), 1)
      for (const piece of host.list) other.availability[piece]!--
      for (const piece of host.queues.get(neighbour) ?? []) other.asked[piece] = 0
      other.pending.delete(id)
      other.queues.delete(id)
      for (const n of other.neighbours) ask(other, hosts[n]!)
    }
    hosts[head]!.queues.delete(id)
    for (const other of plan.peerCount > 0 ? hosts : []) if (other.on && other.id !== head) offer(other.id)
  }

  /** The head tells a node of more pieces; the node asks for those that it has not asked of another. */
  function offer(id: number): void {
    const host = hosts[id]!
    if (!host.on) return
    for (let piece = plan.next(id, ms()); piece !== undefined; piece = plan.next(id, ms())) {
      if (host.have[piece] || host.asked[piece]) continue
      host.asked[piece] = 1
      enqueue(hosts[head]!, host, piece)
    }
  }

  function ask(host: Host, from: Host): void {
    if (!host.on || !from.on || host.completedAt !== undefined) return
    let pending = host.pending.get(from.id) ?? 0
    while (pending < requests) {
      const piece = pick(host, from)
      if (piece === undefined) break
      host.asked[piece] = 1
      pending++
      host.pending.set(from.id, pending)
      enqueue(from, host, piece)
    }
  }

  /** The rarest of some candidates: the neighbour's newest pieces, and others of its pieces at random. */
  function pick(host: Host, from: Host): number | undefined {
    const { list } = from
    let best: number | undefined
    let bestCount = Number.POSITIVE_INFINITY
    const behind = host.firstMissing + window
    const consider = (piece: number) => {
      if (host.have[piece] || host.asked[piece] || piece >= behind) return
      const count = host.availability[piece]! + random() * 0.5
      if (count >= bestCount) return
      best = piece
      bestCount = count
    }
    const newest = Math.min(24, list.length)
    for (let index = 1; index <= newest; index++) consider(list[list.length - index]!)
    if (list.length <= 96) for (const piece of list) consider(piece)
    else for (let index = 0; index < 48; index++) consider(list[Math.floor(random() * list.length)]!)
    if (best === undefined && list.length > 96) for (const piece of list) consider(piece)
    return best
  }

  function enqueue(from: Host, to: Host, piece: number): void {
    const queue = from.queues.get(to.id)
    if (queue) queue.push(piece)
    else {
      from.queues.set(to.id, [piece])
      from.turns.push(to.id)
    }
    send(from)
  }

  /** One piece after the other leaves, in turns; a receiver that is still busy with our last one is passed over. */
  function send(from: Host): void {
    if (from.sending || !(from.on || from.id === head)) return
    for (let tries = from.turns.length; tries > 0; tries--) {
      const to = from.turns.shift()!
      const queue = from.queues.get(to)
      if (!queue || queue.length === 0) {
        from.queues.delete(to)
        continue
      }
      from.turns.push(to)
      if ((from.flying.get(to) ?? 0) >= mostFlying) continue
      const piece = queue.shift()!
      transfer(from, hosts[to]!, piece)
      return
    }
  }

  function transfer(from: Host, to: Host, piece: number): void {
    from.sending = true
    from.flying.set(to.id, (from.flying.get(to.id) ?? 0) + 1)
    if (from.id === head) sentByHead++
    const leaves = agenda.now + pieceSeconds / from.up
    agenda.at(leaves, () => {
      from.sending = false
      send(from)
    })
    // through the link down after what is there already; both links work at the same time
    const arrives = Math.max(leaves, to.downFreeAt + pieceSeconds / to.down)
    to.downFreeAt = arrives
    agenda.at(arrives + latency, () => {
      from.flying.set(to.id, from.flying.get(to.id)! - 1)
      receive(to, from, piece)
      send(from)
    })
  }

  function receive(to: Host, from: Host, piece: number): void {
    if (!to.on) return
    if (from.id !== head || policy === 'rarest') to.pending.set(from.id, (to.pending.get(from.id) ?? 1) - 1)
    if (!to.have[piece]) {
      to.have[piece] = 1
      to.list.push(piece)
      while (to.have[to.firstMissing]) to.firstMissing++
      plan.have(to.id, piece, ms())
      if (to.list.length === pieces) {
        to.completedAt = agenda.now
        left--
      }
      for (const id of to.neighbours) {
        const neighbour = hosts[id]!
        neighbour.availability[piece]!++
        // who could have asked for more of what there was, would have
        if (neighbour.have[piece] || neighbour.asked[piece] || piece >= neighbour.firstMissing + window) continue
        const pending = neighbour.pending.get(to.id) ?? 0
        if (pending >= requests) continue
        neighbour.asked[piece] = 1
        neighbour.pending.set(to.id, pending + 1)
        enqueue(to, neighbour, piece)
      }
    }
    ask(to, from)
    if (policy === 'one-copy') offer(to.id)
  }

  const headHost = hosts[head]!
  headHost.on = true
  if (policy === 'rarest')
    for (let piece = 0; piece < pieces; piece++) {
      headHost.have[piece] = 1
      headHost.list.push(piece)
    }
  const startAt = input.startAt ?? (() => 0)
  for (let node = 1; node <= nodes; node++) {
    agenda.at(startAt(node), () => start(node))
    const endsAt = input.endAt?.(node)
    if (endsAt !== undefined) agenda.at(endsAt, () => end(node))
  }
  // the head looks around from time to time: for slow takers, and for peers that the others do not feed
  const tick = () => {
    if (left === 0) return
    plan.tick(ms())
    if (policy === 'one-copy') for (const host of hosts) if (host.id !== head && host.on) offer(host.id)
    if (agenda.now < copySeconds * 100) agenda.at(agenda.now + 0.1, tick)
  }
  agenda.at(0.1, tick)
  agenda.run(() => left === 0)
  const completedAt = hosts.slice(1).map(host => host.completedAt)
  const last = Math.max(...completedAt.map(time => time ?? Number.POSITIVE_INFINITY))
  return { completedAt, copies: sentByHead / pieces, ratio: last / copySeconds }
}
