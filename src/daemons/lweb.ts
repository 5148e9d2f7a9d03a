import type { Server } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatAddress } from '../domain/address.ts'
import type { Cluster } from '../domain/cluster.ts'
import { createApp } from '../http/app.ts'
import { trustProxy } from '../http/client.ts'
import type { Luna } from '../luna.ts'
import { showCluster } from '../operations/clusters.ts'
import type { DaemonContext } from './control.ts'
import { closeServer, createHttpServer, type Endpoint, Listeners } from './listeners.ts'
import type { Log } from './log.ts'
import { SwitchPoller } from './switch-poller.ts'
import { listenOnSocket } from './unix-socket.ts'

/** How often the cluster's settings are looked at for another address or port. */
const followMs = 1000

/**
 * Serves until told to end, or until the cluster's path is another, where other templates are: on the loopback, on the frontend unless that
 * is nginx's, and on a unix socket for nginx. Polls the switches meanwhile.
 */
export async function serveLweb({ luna, log, signal, ready }: DaemonContext): Promise<void> {
  const { path, frontendHttps } = await showCluster(luna)
  if (frontendHttps && luna.config.frontend !== 'nginx')
    log.warn({}, 'frontend_https is set, but lweb itself is the frontend and has no TLS: nodes will not reach it')
  const ending = new AbortController()
  const poller = new SwitchPoller(luna, log, AbortSignal.any([signal, ending.signal]))
  const app = await createApp(luna, log, () => poller.hurry())
  const listeners = new Listeners(app.routing, log)
  const proxySide = createHttpServer(app.routing)
  proxySide.on('connection', trustProxy)
  await listenForProxy(luna, proxySide)
  const polling = poller.run()
  const readyOnce = once(() => ready(describe(listeners)))
  for await (const cluster of followCluster(luna, log, signal)) {
    if (cluster.path !== path) break
    await listeners.follow(endpointsOf(cluster, luna.config))
    readyOnce()
  }
  ending.abort()
  await Promise.all([listeners.close(), closeServer(proxySide), polling])
  await app.close()
}

function once(act: () => void): () => void {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}

/** The cluster's settings, again and again. Trouble with them is logged, not more than once for the same. */
async function* followCluster(luna: Luna, log: Log, signal: AbortSignal): AsyncGenerator<Cluster> {
  let trouble = ''
  while (!signal.aborted) {
    try {
      const cluster = await showCluster(luna)
      trouble = ''
      yield cluster
    } catch (error) {
      const { message } = error as Error
      if (message !== trouble) log.warn({}, `cannot read the cluster's settings: ${message}`)
      trouble = message
    }
    await sleep(followMs, undefined, { signal }).catch(() => {})
  }
}

async function listenForProxy({ config, privileges }: Luna, server: Server): Promise<void> {
  const path = join(config.runDirectory, 'lweb.sock')
  await listenOnSocket(server, path)
  privileges.shareWithWebServer(path)
}

function endpointsOf(cluster: Cluster, { frontend }: Luna['config']): Endpoint[] {
  const own = { host: '127.0.0.1', port: cluster.serverPort }
  const address = cluster.frontendAddress
  if (frontend === 'nginx' || !address) return [own]
  return [own, { host: formatAddress(address), port: cluster.frontendPort }]
}

function describe(listeners: Listeners): string {
  const waiting = listeners.waitingFor()
  const line = `lweb listens on ${listeners.listening().join(' and ') || 'nothing yet'}`
  return waiting.length === 0 ? line : `${line}, and waits for ${waiting.join(' and ')}`
}
