import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test, vi } from 'vitest'
import { parseAddress } from '../../../src/domain/address.ts'
import { parseHardware } from '../../../src/domain/hardware.ts'
import { createTemplates } from '../../../src/effects/templates.ts'
import { bootNode } from '../../../src/operations/boot.ts'
import { changeNodes, listEvents, listNodesWithStatus, removeNodes } from '../../../src/operations/nodes.ts'
import { publishedTorrents } from '../../../src/operations/published-torrents.ts'
import { recordStorms } from '../../../src/operations/storms.ts'
import { createBootCluster, macs, pack1 } from '../../boot-cluster.ts'
import { onPostgresql } from '../../database.ts'

/** Tables that have rows for every node. */
const long = /\bSCAN (node|address|boot|install_event|learned_mac)\b/

afterEach(() => vi.restoreAllMocks())

/** What SQLite reads from end to end for the statements that it is given meanwhile (sqlite.org/eqp.html). */
async function scansOf(path: string, work: () => Promise<unknown>): Promise<string[]> {
  const prepared = vi.spyOn(DatabaseSync.prototype, 'prepare')
  await work()
  const statements = prepared.mock.calls.map(([sql]) => sql)
  vi.restoreAllMocks()
  expect(statements.length).toBeGreaterThan(1)
  const database = new DatabaseSync(path)
  const scans = statements.flatMap(sql =>
    database
      .prepare(`explain query plan ${sql}`)
      .all()
      .filter(step => long.test(String(step['detail'])))
      .map(step => `${step['detail']}: ${sql}`),
  )
  database.close()
  return scans
}

test.skipIf(onPostgresql)(
  'what concerns one node, and what is asked again and again, is found by an index',
  async () => {
    const cluster = await createBootCluster()
    const { store, clock } = cluster
    const templates = createTemplates({ directories: ['templates'] })
    const caller = { address: parseAddress('10.30.0.1'), port: 600, own: false, neighbours: [macs[0]] }
    const hardware = parseHardware(`|${macs[0]}|`)
    const request = { hardware, node: undefined, loader: 'ipxe' as const, caller }
    const scans = await scansOf(`${cluster.directory}/db/luna.db`, async () => {
      await listNodesWithStatus({ store }, { names: ['node001'] })
      await listEvents({ store }, 1)
      await bootNode({ ...cluster, templates }, request)
      await changeNodes({ store }, ['node002'], { mac: macs[1], comment: 'rack 7' })
      await removeNodes({ store }, ['node003'])
      await publishedTorrents({ store, clock })
      await recordStorms({ store, clock }, pack1.infoHash)
    })
    const ofAll = await scansOf(`${cluster.directory}/db/luna.db`, () => listNodesWithStatus({ store }, {}))
    await cluster.close()
    expect(scans).toEqual([])
    expect(ofAll.join()).toContain('SCAN node') // the check can tell
  },
)
