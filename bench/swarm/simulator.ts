import { Neighbourhood } from '../../src/torrent/neighbourhood.ts'
import { OneCopyPlan } from '../../src/torrent/one-copy-plan.ts'
import { randomNumbers } from '../../test/unit/torrent/random-numbers.ts'
import { Agenda } from './agenda.ts'
import { choosePiece } from './piece-choice.ts'
import { connect, Host, hasBit, type Link, setBit } from './simulated-host.ts'
import { SimulatedLinks } from './simulated-links.ts'

/** A swarm in virtual time: a head and nodes that fetch one torrent from it and from each other. */
export interface SwarmInput {
  nodes: number
  pieces: number
  /** Seconds that one whole copy takes through a link of rate 1. */
  copySeconds: number
  /** Seeders that split the first copy. */
  heads?: number
  /** The tracker's choice of neighbours: ours, or that many of those that came before at random. */
  neighbours?: 'ring' | number
  /** Number of the switch that a node is at, when the tracker knows. */
  switchOf?: (node: number) => number | undefined
  /** Seconds between a node's announces. */
  announceSeconds?: number
  /** How long what a node has asked of its neighbours shall last it, seconds; and what it asks of each at least and at most, pieces. */
  queueSeconds?: number
  leastRequests?: number
  mostRequests?: number
  /** Nodes prefer that many of the first pieces that they lack, as they do to unpack what comes. */
  window?: number
  /** Seconds from a message to the reaction to it. */
  latencySeconds?: number
  /** Seconds from having a piece to the neighbours' knowing: what tells of it waits behind what is being sent. */
  haveSeconds?: number
  /** When the nodes start, seconds. */
  startAt?: (node: number) => number
  /** Rates of a node's links; the head is number 0. */
  rateOf?: (node: number) => { up: number; down: number }
  /** When a node is switched off, seconds. */
  endAt?: (node: number) => number | undefined
  seed?: number
}

export interface SwarmResult {
  /** Seconds from the beginning to each node's last piece; undefined for those that did not get it. */
  completedAt: (number | undefined)[]
  /** Of what the heads sent, in whole copies. */
  copies: number
  /** Time of the last completion over `copySeconds`. */
  ratio: number
}

const defaults = {
  ...{ heads: 1, neighbours: 'ring' as const, announceSeconds: 5, queueSeconds: 1, leastRequests: 2 },
  mostRequests: Number.POSITIVE_INFINITY,
  ...{ latencySeconds: 0.002, haveSeconds: 0.02, seed: 1 },
  startAt: () => 0,
  endAt: () => undefined,
  switchOf: () => undefined,
  rateOf: () => ({ up: 1, down: 1 }),
}
const tickSeconds = 0.1
/** A swarm that takes longer is stuck. */
const mostCopies = 100

export const simulateSwarm = (input: SwarmInput): SwarmResult => new SimulatedSwarm(input).run()

class SimulatedSwarm {
  readonly #input: Required<SwarmInput>
  readonly #agenda = new Agenda()
  readonly #links: SimulatedLinks
  readonly #random: () => number
  readonly #queuePieces: number
  readonly #heads: Host[]
  readonly #plans: OneCopyPlan[]
  /** By number, from 1 on. */
  readonly #nodes: Host[]
  readonly #running = new Neighbourhood<Host>()
  #left: number

  constructor(input: SwarmInput) {
    this.#input = { ...defaults, window: input.pieces, ...input }
    const { nodes, pieces, copySeconds, heads, queueSeconds, seed, latencySeconds } = this.#input
    this.#random = randomNumbers(seed)
    this.#queuePieces = (queueSeconds * pieces) / copySeconds
    this.#links = new SimulatedLinks(this.#agenda, latencySeconds, (link, piece) => this.#receive(link, piece))
    this.#heads = Array.from({ length: heads }, () => this.#makeHost(0))
    this.#nodes = Array.from({ length: nodes }, (_, index) => this.#makeHost(index + 1))
    this.#plans = this.#heads.map((_, index) => new OneCopyPlan({ pieceCount: pieces, first: { of: heads, index } }))
    this.#left = nodes
  }

  run(): SwarmResult {
    const { copySeconds, startAt, endAt } = this.#input
    for (const head of this.#heads) head.on = true
    for (const node of this.#nodes) {
      this.#agenda.at(startAt(node.id), () => this.#start(node))
      const endsAt = endAt(node.id)
      if (endsAt !== undefined) this.#agenda.at(endsAt, () => this.#end(node))
    }
    this.#agenda.after(tickSeconds, () => this.#tick())
    this.#agenda.run(() => this.#left === 0 || this.#agenda.now > mostCopies * copySeconds)
    const completedAt = this.#nodes.map(node => node.completedAt)
    const last = completedAt.reduce<number>((latest, time) => Math.max(latest, time ?? Number.POSITIVE_INFINITY), 0)
    return { completedAt, copies: this.#links.sentByHeads / this.#input.pieces, ratio: last / copySeconds }
  }

  #makeHost(id: number): Host {
    const { pieces, copySeconds, rateOf } = this.#input
    const { up, down } = rateOf(id)
    const seconds = { up: copySeconds / pieces / up, down: copySeconds / pieces / down }
    return new Host(id, id === 0, pieces, seconds)
  }

  get #nowMs(): number {
    return this.#agenda.now * 1000
  }

  #start(node: Host): void {
    node.on = true
    for (const head of this.#heads) connect(head, node)
    this.#announce(node)
    for (const plan of this.#plans) plan.addPeer(node.id)
    this.#offer()
  }

  /** Connects it to the peers that the tracker names. */
  #announce(node: Host): void {
    const { neighbours, announceSeconds, switchOf } = this.#input
    const again = this.#running.has(node)
    if (!again) this.#running.add(node, switchOf(node.id))
    const named = neighbours === 'ring' ? this.#running.neighbours(node, again) : this.#sample(node, neighbours)
    for (const other of named) {
      if (node.isConnectedTo(other)) continue
      const links = [connect(node, other), connect(other, node)]
      for (const link of links) this.#ask(link)
    }
    this.#agenda.after(announceSeconds, () => {
      if (node.on && node.completedAt === undefined) this.#announce(node)
    })
  }

  #sample(node: Host, count: number): Host[] {
    const others = [...this.#running.members].filter(other => other !== node)
    for (let index = 0; index < Math.min(count, others.length); index++) {
      const chosen = index + Math.floor(this.#random() * (others.length - index))
      ;[others[index], others[chosen]] = [others[chosen]!, others[index]!]
    }
    return others.slice(0, count)
  }

  #end(node: Host): void {
    node.on = false
    if (node.completedAt === undefined) this.#left--
    this.#running.remove(node)
    for (const plan of this.#plans) plan.removePeer(node.id)
    for (const link of node.downloads) {
      link.open = false
      link.from.uploads.splice(link.from.uploads.indexOf(link), 1)
    }
    for (const link of node.uploads) this.#lose(link)
  }

  #lose(link: Link): void {
    const { from, to } = link
    link.open = false
    to.downloads.splice(to.downloads.indexOf(link), 1)
    for (let piece = 0; piece < this.#input.pieces; piece++) if (hasBit(from.told, piece)) to.availability[piece]!--
    for (const piece of link.queue) to.markWanted(piece)
    for (const other of to.downloads) this.#ask(other)
  }

  /** The heads look around from time to time: for slow takers, and for peers that the others do not feed. */
  #tick(): void {
    for (const plan of this.#plans) plan.tick(this.#nowMs)
    this.#offer()
    this.#agenda.after(tickSeconds, () => this.#tick())
  }

  /** The heads tell nodes of more pieces; a node asks for those that it has not asked of another. */
  #offer(): void {
    for (const [index, plan] of this.#plans.entries())
      for (const { peer, piece } of plan.offers(this.#nowMs)) {
        const node = this.#nodes[peer - 1]!
        const link = node.downloads[index]!
        this.#agenda.after(this.#input.latencySeconds, () => {
          if (!node.on || !hasBit(node.wanted, piece)) return
          plan.asked(peer, piece)
          this.#links.request(link, piece)
        })
      }
  }

  #mostPending(node: Host): number {
    const { leastRequests, mostRequests } = this.#input
    return Math.max(leastRequests, Math.min(mostRequests, Math.ceil(this.#queuePieces / node.downloads.length)))
  }

  #ask(link: Link): void {
    const { to, from } = link
    if (!link.open || to.completedAt !== undefined || from.isHead) return
    for (let most = this.#mostPending(to); link.pending < most; ) {
      const piece = choosePiece(link, this.#input.window, this.#random)
      if (piece < 0) return
      this.#links.request(link, piece)
    }
  }

  #receive(link: Link, piece: number): void {
    const { to } = link
    if (to.receive(piece)) {
      if (to.count === this.#input.pieces) {
        to.completedAt = this.#agenda.now
        this.#left--
      }
      this.#agenda.after(this.#input.haveSeconds, () => this.#tell(to, piece))
    }
    if (to.unasked > 0) this.#ask(link)
    else for (const other of to.downloads) this.#ask(other)
  }

  #tell(node: Host, piece: number): void {
    if (!node.on) return
    setBit(node.told, piece)
    for (const link of node.uploads) {
      const { to } = link
      to.availability[piece]!++
      // who could have asked for more of what there was, would have
      if (hasBit(to.wanted, piece) && link.pending < this.#mostPending(to)) this.#links.request(link, piece)
    }
    for (const plan of this.#plans) plan.have(node.id, piece, this.#nowMs)
    this.#offer()
  }
}
