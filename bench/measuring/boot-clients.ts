/**
 * boot-clients.ts URL,URL... COUNT: so many clients at once fetch the files one after the other, each by one connection as iPXE does, and
 * prints what came of it.
 */
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'

export interface BootClients {
  /** Of each client that has got everything, since all began. */
  secondsTaken: number[]
  /** What went wrong, and how often. */
  failures: Record<string, number>
  bytes: number
}

async function fetchAll(urls: readonly string[], count: (bytes: number) => void): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (const url of urls) {
    const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage]
    if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`)
    response.on('data', (chunk: Buffer) => count(chunk.length))
    await once(response, 'end')
  }
  agent.destroy()
}

async function run(urls: readonly string[], clients: number): Promise<BootClients> {
  const result: BootClients = { secondsTaken: [], failures: {}, bytes: 0 }
  const count = (bytes: number) => {
    result.bytes += bytes
  }
  const startMs = performance.now()
  const one = async () => {
    try {
      await fetchAll(urls, count)
      result.secondsTaken.push((performance.now() - startMs) / 1000)
    } catch (error) {
      const { message } = error as Error
      result.failures[message] = (result.failures[message] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: clients }, one))
  return result
}

if (import.meta.main) console.log(JSON.stringify(await run(process.argv[2]!.split(','), Number(process.argv[3]))))
