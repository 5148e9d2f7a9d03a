/**
 * load.ts FILE: sends the requests that FILE says to a unix socket, as nginx would, and prints what came of it. With a rate they are sent at
 * their time whether or not others are answered, and the latency counts from that time; without one, as fast as the connections take them.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Load {
  socketPath: string
  requests: { path: string; address: string }[]
  connections: number
  /** Requests per second. */
  rate?: number
}

export interface LoadResult {
  elapsedMs: number
  latenciesMs: number[]
  /** How many answers had each status. */
  statuses: Record<string, number>
  lastBody: string
}

async function send(agent: Agent, socketPath: string, { path, address }: Load['requests'][number]) {
  const headers = { 'X-Real-IP': address, 'X-Real-Port': '1023' }
  const [response] = (await once(request({ agent, socketPath, path, headers }).end(), 'response')) as [IncomingMessage]
  const body = Buffer.concat(await response.toArray()).toString('latin1')
  return { status: response.statusCode!, body }
}

async function run({ socketPath, requests, connections, rate }: Load): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const result: LoadResult = { elapsedMs: 0, latenciesMs: [], statuses: {}, lastBody: '' }
  const startMs = performance.now()
  const measure = async (one: Load['requests'][number], sinceMs: number) => {
    const { status, body } = await send(agent, socketPath, one)
    result.latenciesMs.push(performance.now() - sinceMs)
    result.statuses[status] = (result.statuses[status] ?? 0) + 1
    result.lastBody = body
  }
  if (rate === undefined) {
    const queue = requests.values()
    const work = async () => {
      for (const one of queue) await measure(one, performance.now())
    }
    await Promise.all(Array.from({ length: connections }, work))
  } else {
    const sent: Promise<void>[] = []
    for (const [index, one] of requests.entries()) {
      const dueMs = startMs + (index * 1000) / rate
      const aheadMs = dueMs - performance.now()
      if (aheadMs > 0) await sleep(aheadMs)
      sent.push(measure(one, dueMs))
    }
    await Promise.all(sent)
  }
  result.elapsedMs = performance.now() - startMs
  agent.destroy()
  return result
}

if (import.meta.main) console.log(JSON.stringify(await run(JSON.parse(readFileSync(process.argv[2]!, 'utf8')))))
