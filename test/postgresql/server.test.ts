import { connect, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { parseCidr } from '../../src/domain/cidr.ts'
import { parseDatabaseUrl } from '../../src/domain/database-url.ts'
import { addNetwork, listAllNetworks } from '../../src/operations/networks.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { PostgresqlServer } from '../postgresql-server.ts'

/** What servers do to their clients, by real ones. */
let server: PostgresqlServer
let database = 0

beforeAll(async () => {
  server = await PostgresqlServer.create()
  server.ask("create role luna login password 'se cret'")
})
afterAll(() => server.remove())
beforeEach(() => {
  database++
  server.ask(`create database luna${database} owner luna`)
})

const at = (...ports: number[]) =>
  `postgresql://luna:se%20cret@${ports.map(port => `127.0.0.1:${port}`).join(',')}/luna${database}`

async function open(url = at(server.port), options = {}): Promise<Store> {
  const store = await openStore(parseDatabaseUrl(url), { create: true, ...options })
  onTestFinished(() => store.close())
  return store
}

const add = (store: Store, number: number) =>
  addNetwork({ store }, { name: `n${number}`, cidr: parseCidr(`10.${number}.0.0`, '16') })
const names = async (store: Store) => (await listAllNetworks({ store })).map(network => network.name)

async function errorOf(url: string, options = { create: true }): Promise<{ kind: string; message: string }> {
  const error = await openStore(parseDatabaseUrl(url), options).then(
    () => new Error('it was opened'),
    (thrown: Error) => thrown,
  )
  expect(`${error.stack}${(error.cause as Error | undefined)?.stack}`).not.toMatch(/se cret|se%20cret|wrong/)
  return error as unknown as { kind: string; message: string }
}

describe('what stands in the way is one line that says what to do', () => {
  test('a wrong password', async () => {
    expect(await errorOf(at(server.port).replace('se%20cret', 'wrong'))).toMatchObject({
      kind: 'forbidden',
      message:
        'the database server refuses the password of user "luna"; look at the url in luna.conf and at pg_hba.conf of the server',
    })
  })

  test('no such database', async () => {
    expect(await errorOf(at(server.port).replace(/\d+$/, 'x'))).toMatchObject({
      kind: 'failed',
      message: 'there is no database "lunax" on the server; run as postgres: createdb -O luna lunax',
    })
  })

  test('an empty one, when no cluster is to be made', async () => {
    expect(await errorOf(at(server.port), { create: false })).toMatchObject({
      kind: 'notReady',
      message: `there is no cluster yet (nothing in "luna${database}" on 127.0.0.1:${server.port}); run: luna cluster init --frontend_address ADDRESS`,
    })
  })

  test("another user's", async () => {
    server.ask(`alter database luna${database} owner to postgres`)
    const { kind, message } = await errorOf(at(server.port))
    expect(kind).toBe('forbidden')
    expect(message).toContain(
      'the user of luna.conf is not the owner of the database (permission denied for schema public)',
    )
    expect(message).toContain(`psql -c 'alter database "luna${database}" owner to luna'`)
  })

  test('one that cannot hold every letter', async () => {
    server.ask(`create database latin${database} owner luna encoding 'LATIN1' locale 'C' template template0`)
    expect((await errorOf(at(server.port).replace(/luna\d+$/, `latin${database}`))).message).toBe(
      'the database has the encoding LATIN1; make it anew with: createdb --encoding=UTF8 --template=template0',
    )
  })

  test('nothing that listens', async () => {
    const began = performance.now()
    expect(await errorOf(at(1))).toMatchObject({
      kind: 'failed',
      message: `cannot reach the database "luna${database}" on 127.0.0.1:1: nothing listens there; is PostgreSQL running?`,
    })
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  test('a host that nobody knows', async () => {
    expect(await errorOf(`postgresql://luna:x@nosuch.invalid/luna`)).toMatchObject({ kind: 'failed' })
  })

  test('a socket that is not there', async () => {
    expect((await errorOf('postgresql:///luna?host=/nosuch')).message).toContain(
      'there is no such socket; is PostgreSQL running?',
    )
  })

  test('a write that another keeps waiting', async () => {
    const [one, other] = [await open(), await open(at(server.port), { busyTimeoutMs: 50 })]
    await one.write(async () => {
      await expect(add(other, 1)).rejects.toMatchObject({
        kind: 'conflict',
        message: 'the database was busy for too long; is another luna command hanging?',
      })
    })
    await add(other, 1)
    expect(await names(one)).toEqual(['n1'])
  })
})

describe('a server that goes and comes back', () => {
  test('idle sessions are replaced', async () => {
    const store = await open()
    await add(store, 1)
    server.stop()
    server.start()
    expect(await names(store)).toEqual(['n1'])
  })

  test('a write waits for it, and is done once', async () => {
    const store = await open()
    server.stop()
    const adding = add(store, 1)
    server.start()
    await adding
    expect(await names(store)).toEqual(['n1'])
  })

  test('a session cut off in a transaction: it is done again from its beginning', async () => {
    const store = await open()
    let times = 0
    await store.write(async tx => {
      times++
      const row = {
        base: '0'.repeat(32),
        prefix: 8,
        nsHostname: 'ns',
        nsAddress: '0',
        include: '',
        revInclude: '',
        comment: '',
      }
      const others = `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'luna${database}'`
      if (times === 1) server.ask(others)
      await tx
        .insertInto('network')
        .values({ ...row, name: 'once' })
        .execute()
    })
    expect(times).toBe(2)
    expect(await names(store)).toEqual(['once'])
  })

  test('a connection lost in the commit: it is said, and not done again', async () => {
    const proxy = await cutAfter('commit')
    await open()
    const store = await open(at(proxy))
    await expect(add(store, 1)).rejects.toMatchObject({
      kind: 'failed',
      message: 'the connection to the database was lost while the change was being stored; look whether it is there',
    })
    expect(await names(await open())).toEqual(['n1'])
  })
})

test('a writer that stands still loses its session, so that nobody waits for it for good', async () => {
  const store = await open()
  await add(store, 1)
  const settings = await store.read(async tx => {
    const { sql } = await import('kysely')
    return (
      await sql<{ idleInTransactionSessionTimeout: string }>`show idle_in_transaction_session_timeout`.execute(tx)
    ).rows
  })
  expect(settings).toEqual([{ idleInTransactionSessionTimeout: '20s' }])
})

describe('two heads', () => {
  let standby: PostgresqlServer
  beforeAll(async () => {
    standby = await server.standby()
  })
  afterAll(() => standby.remove())

  test('the standby alone is refused', async () => {
    await open()
    await expect.poll(() => standby.ask(`select 1 from pg_database where datname = 'luna${database}'`)).toEqual(['1'])
    expect((await errorOf(at(standby.port))).message).toContain('it is a standby, and a primary is needed')
  })

  test('the primary is found in either order, and beside a host that says nothing', async () => {
    await open()
    const silent = createServer()
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const { port } = silent.address() as { port: number }
    for (const ports of [
      [standby.port, server.port],
      [server.port, standby.port],
      [port, server.port],
    ]) {
      const began = performance.now()
      expect(await names(await open(at(...ports)))).toEqual([])
      expect(performance.now() - began).toBeLessThan(3000)
    }
  })

  test('when the primary dies, the write of the moment is done by the one that takes over', async () => {
    const store = await open(at(server.port, standby.port))
    await add(store, 1)
    await expect.poll(() => standby.ask('select name from network', `luna${database}`)).toEqual(['n1'])
    server.stop('immediate')
    const adding = add(store, 2)
    standby.promote()
    await adding
    expect(await names(store)).toEqual(['n1', 'n2'])
    expect(standby.ask('select name from network order by 1', `luna${database}`)).toEqual(['n1', 'n2'])
  })
})

/** A port that leads to the server until a client sends the word: that still arrives, but no answer comes back. */
async function cutAfter(word: string): Promise<number> {
  const proxy = createServer((client: Socket) => {
    const upstream = connect(server.port, '127.0.0.1')
    let cut = false
    client.on('data', data => {
      cut ||= data.toString('latin1').includes(`${word}\0`)
      upstream.write(data)
    })
    upstream.on('data', data => (cut ? client.destroy() : client.write(data)))
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => {})
      one.on('close', () => other.destroy())
    }
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  return (proxy.address() as { port: number }).port
}
