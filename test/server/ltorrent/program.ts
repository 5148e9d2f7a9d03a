/** ltorrent as a process of its own, publishing what a JSON file says: argv is the path of that file and the run directory. */
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { runLtorrent } from '../../../src/daemons/ltorrent.ts'
import type { SwarmSettings } from '../../../src/daemons/publication.ts'
import type { PublishedTorrent } from '../../../src/operations/published-torrents.ts'

export interface ProgramState {
  torrents: PublishedTorrent[]
  settings: SwarmSettings
  uploadLimit?: number
}

/** nobody, as which it runs where it is started by root. */
const unprivileged = 65534

const [, , statePath, runDirectory] = process.argv as [string, string, string, string]
const readState = () => JSON.parse(readFileSync(statePath, 'utf8')) as ProgramState
const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => stop.abort())

if (process.getuid!() === 0) {
  process.setgroups!([])
  process.setgid!(unprivileged)
  process.setuid!(unprivileged)
}
await runLtorrent({
  log: pino(),
  runDirectory,
  signal: stop.signal,
  uploadLimit: readState().uploadLimit,
  published: async () => readState().torrents,
  clusterSettings: async () => readState().settings,
  nodePlaces: async () => new Map(),
  headNetworks: () => [],
  recordStorms: async () => [],
  onListening: () => process.stdout.write('listening\n'),
})
