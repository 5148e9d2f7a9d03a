import { setTimeout as sleep } from 'node:timers/promises'
import type { Storm } from '../domain/storm.ts'
import type { SwarmSnapshot } from '../domain/swarm.ts'
import type { PublishedTorrent } from '../operations/published-torrents.ts'
import { parseAnnounce, parseScrape } from '../torrent/announce.ts'
import { renderAnnounceAnswer } from '../torrent/announce-answer.ts'
import { type Endpoint, endpointOf, type PeerPlace } from '../torrent/peer.ts'
import { type PeerAddress, parsePeerAddress, peerAddressHex } from '../torrent/peer-address.ts'
import { renderScrapeAnswer } from '../torrent/scrape-answer.ts'
import { Tracker, type TrackerSettings } from '../torrent/tracker.ts'
import type { PortRange } from './free-port.ts'
import { findHeadAddressNear, type HeadNetwork } from './head-networks.ts'
import type { Log } from './log.ts'
import type { Seeder } from './seeder.ts'
import { StormWatch } from './storm-watch.ts'
import { renderSwarm } from './swarm-snapshot.ts'
import type { TrackerRoutes } from './tracker-server.ts'

/** The cluster's settings that matter to the swarm. */
export interface SwarmSettings extends TrackerSettings {
  /** Addresses under which nodes reach the head's seeder, IPv4 or IPv6. */
  headAddresses: readonly string[]
  /** Ports that the seeder may take. */
  listenPorts: PortRange
}

/** Where it is written what to seed, and how; both are asked again and again. */
export interface PublicationSource {
  published(): Promise<readonly PublishedTorrent[]>
  clusterSettings(): Promise<SwarmSettings>
  /** Where nodes are, by their addresses (peerAddressHex), and the networks that this head is in: asked once a minute. */
  nodePlaces(): Promise<ReadonlyMap<string, PeerPlace>>
  headNetworks(): readonly HeadNetwork[]
  /** Keeps what became of nodes that fetched it at the same time; to be asked when nobody does any more. */
  recordStorms(infoHash: string): Promise<readonly Storm[]>
}

/** Before anything is known; the cluster's own defaults. */
const firstSettings: TrackerSettings = { intervalSeconds: 10, minIntervalSeconds: 5, maxPeers: 200 }
/** A torrent nobody knows may have been published this instant: look again, but once for all of a flood of requests. */
const refreshSpacingMs = 500
/** How old what is known of the nodes' places may grow. */
const placesMs = 60_000
/** How long an announce waits for the head's seeder to start. A head that does not listen yet is a peer lost until the next announce. */
const seederPatienceMs = 3000

/**
 * Milliseconds since 1970 that never jump: when the head's clock is set while nodes boot, nobody is to be forgotten, or kept waiting for
 * the hour that comes twice.
 */
const nowMs = (): number => Math.round(performance.timeOrigin + performance.now())

/** Keeps tracker and seeder at what is published, and answers for both. */
export class Publication implements TrackerRoutes {
  readonly #source: PublicationSource
  readonly #seeder: Seeder
  readonly #log: Log
  readonly #tracker: Tracker
  readonly #storms: StormWatch
  #torrents: readonly PublishedTorrent[] = []
  #headAddresses: readonly PeerAddress[] = []
  #places: ReadonlyMap<string, PeerPlace> = new Map()
  #headNetworks: readonly HeadNetwork[] = []
  #placesAtMs = Number.NEGATIVE_INFINITY
  #refreshing: Promise<void> | undefined
  #lookingAgain: Promise<void> | undefined
  #refreshedMs = 0
  #trouble = ''

  constructor(source: PublicationSource, seeder: Seeder, log: Log) {
    this.#source = source
    this.#seeder = seeder
    this.#log = log
    this.#storms = new StormWatch(infoHash => source.recordStorms(infoHash), log)
    this.#tracker = new Tracker(
      firstSettings,
      (infoHash, peer) => this.#headOf(infoHash, peer),
      address => this.#places.get(peerAddressHex(address)),
    )
  }

  /** Reads what is published now; trouble is logged, and what was known stays. Never rejects. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
      this.#refreshedMs = nowMs()
    })
    return this.#refreshing
  }

  async announce(rawQuery: string, clientAddress: string): Promise<Buffer> {
    const announce = parseAnnounce(rawQuery)
    const address = parsePeerAddress(clientAddress)
    await this.#getReady(announce.infoHash)
    return renderAnnounceAnswer(this.#tracker.announce(announce, address, nowMs()), announce)
  }

  async scrape(rawQuery: string): Promise<Buffer> {
    return renderScrapeAnswer(this.#tracker.scrape(parseScrape(rawQuery)))
  }

  swarm(): SwarmSnapshot {
    return renderSwarm(this.#torrents, this.#tracker, this.#seeder)
  }

  /** Whether there are nodes that the head's seeder gives an image to. */
  feeds(): boolean {
    return this.#torrents.some(
      ({ infoHash }) =>
        this.#seeder.find(infoHash)?.seeding && this.#tracker.findSwarm(infoHash)?.peers.some(({ left }) => left > 0),
    )
  }

  /** A first announce that fails, or does not bring the head, costs a client a minute of patience: rather let it wait a little. */
  async #getReady(infoHash: string): Promise<void> {
    const isTracked = () => this.#tracker.findSwarm(infoHash) !== undefined
    if (!isTracked()) await this.#lookAgain()
    if (!isTracked() || this.#seeder.find(infoHash)?.seeding) return
    await within(seederPatienceMs, this.#seeder.settled(infoHash))
  }

  #lookAgain(): Promise<void> {
    const waitMs = Math.max(0, this.#refreshedMs + refreshSpacingMs - nowMs())
    this.#lookingAgain ??= sleep(waitMs)
      .then(() => this.refresh())
      .finally(() => {
        this.#lookingAgain = undefined
      })
    return this.#lookingAgain
  }

  #headOf(infoHash: string, peer: Endpoint | undefined): Endpoint[] {
    const port = this.#seeder.find(infoHash)?.port
    if (port === undefined) return []
    const frontend = this.#headAddresses.map(({ text }) => text)
    const near = peer && findHeadAddressNear(peer.address.text, frontend, this.#headNetworks)
    const addresses = near === undefined ? this.#headAddresses : [parsePeerAddress(near)]
    return addresses.map(address => endpointOf(address, port))
  }

  async #refresh(): Promise<void> {
    try {
      const [torrents, settings] = await Promise.all([this.#source.published(), this.#source.clusterSettings()])
      await this.#refreshPlaces()
      this.#headAddresses = settings.headAddresses.map(parsePeerAddress)
      this.#torrents = torrents
      this.#tracker.settings = settings
      this.#tracker.follow(torrents.map(torrent => torrent.infoHash))
      this.#seeder.follow(torrents, settings.listenPorts)
      this.#trouble = ''
    } catch (error) {
      const { message } = error as Error
      // once for each trouble, not every two seconds
      if (message !== this.#trouble) this.#log.warn({ err: error }, `cannot read what is published: ${message}`)
      this.#trouble = message
    }
    this.#tracker.expire(nowMs())
    await this.#storms.look(
      this.#torrents.map(({ infoHash }) => infoHash),
      infoHash => this.#tracker.findSwarm(infoHash)?.peers.some(({ left }) => left > 0) ?? false,
      this.#tracker.patienceMs,
    )
  }

  async #refreshPlaces(): Promise<void> {
    if (performance.now() - this.#placesAtMs < placesMs) return
    this.#places = await this.#source.nodePlaces()
    this.#headNetworks = this.#source.headNetworks()
    this.#placesAtMs = performance.now()
  }
}

async function within(timeoutMs: number, promise: Promise<void>): Promise<void> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timeoutMs)
  await Promise.race([promise, timeout])
  clearTimeout(timer)
}
