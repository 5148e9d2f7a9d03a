import { once } from 'node:events'
import { access } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SwarmSnapshot } from '../domain/swarm.ts'
import { LunaError } from '../errors.ts'

/** An import would load what fetch is made of too, for one of the module's other exports: 40 ms of every command (bench/start.ts). */
const { Agent, request } = process.getBuiltinModule('node:http')

export interface TrackerResponse {
  status: number
  /** Content-Type. */
  type: string
  body: Buffer
}

/** Hands /announce and /scrape on to ltorrent. */
export interface TrackerForwarder {
  /**
   * Waits for a tracker that is just being restarted, since a client whose announce fails comes back only after a minute or two.
   * @param pathAndQuery as the client sent it: decoding would spoil the info-hash
   * @throws LunaError notReady when ltorrent does not come back
   */
  forward(pathAndQuery: string, clientAddress: string): Promise<TrackerResponse>
  close(): void
}

const socketOf = (runDirectory: string): string => join(runDirectory, 'ltorrent.sock')
const notListening = new Set(['ENOENT', 'ECONNREFUSED'])
/** A restarted tracker also resets the connections that were kept alive. */
const worthTryingAgain = new Set([...notListening, 'ECONNRESET', 'EPIPE'])
const patienceMs = 15_000
const retryMs = 100

/**
 * What is going on in the swarms.
 * @returns undefined when ltorrent is not running
 * @throws LunaError when it may not be asked or answers nonsense
 */
export async function readSwarm(runDirectory: string): Promise<SwarmSnapshot | undefined> {
  try {
    const response = await get({ socketPath: socketOf(runDirectory), path: '/swarm' })
    return JSON.parse(response.body.toString()) as SwarmSnapshot
  } catch (error) {
    if (notListening.has(codeOf(error))) return undefined
    throw new LunaError('failed', `cannot ask ltorrent about the swarm: ${(error as Error).message}`, { cause: error })
  }
}

/** Whether ltorrent is giving an image to nodes: there is a file then, which nginx sees as well. */
export const isSwarmFed = (runDirectory: string): Promise<boolean> =>
  access(join(runDirectory, 'swarm')).then(
    () => true,
    () => false,
  )

export function createTrackerForwarder(runDirectory: string): TrackerForwarder {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const socketPath = socketOf(runDirectory)
  return {
    async forward(pathAndQuery, clientAddress) {
      const deadlineMs = Date.now() + patienceMs
      for (;;) {
        try {
          return await get({ agent, socketPath, path: pathAndQuery, headers: { 'X-Real-IP': clientAddress } })
        } catch (error) {
          if (worthTryingAgain.has(codeOf(error)) && Date.now() < deadlineMs) await sleep(retryMs)
          else throw new LunaError('notReady', 'the tracker does not answer; run: ltorrent start', { cause: error })
        }
      }
    },
    close: () => agent.destroy(),
  }
}

interface Get {
  socketPath: string
  path: string
  agent?: InstanceType<typeof Agent>
  headers?: Record<string, string>
}

async function get(options: Get): Promise<TrackerResponse> {
  const sent = request(options).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = await response.toArray()
  const type = response.headers['content-type'] ?? 'text/plain'
  return { status: response.statusCode ?? 500, type, body: Buffer.concat(chunks) }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''
