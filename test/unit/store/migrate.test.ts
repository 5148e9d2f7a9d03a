import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { migrations } from '../../../src/store/migrations.ts'
import { getOsimage } from '../../../src/store/osimages.ts'
import { listPacks } from '../../../src/store/packs.ts'
import { openStore } from '../../../src/store/store.ts'
import { scratchDirectory, scratchStore } from '../../scratch.ts'

const file = (path: string) => ({ kind: 'sqlite' as const, path })

const schemaOf = (path: string) => {
  const database = new DatabaseSync(path)
  const rows = database.prepare('select type, name, sql from sqlite_schema order by type, name').all()
  const applied = database.prepare('select name from migration order by name').all()
  database.close()
  return { rows, applied: applied.map(row => row['name']) }
}

test('from empty, and again without a change', async () => {
  const path = join(scratchDirectory(), 'luna.db')
  await (await openStore(file(path), { create: true })).close()
  const first = schemaOf(path)
  expect(first.applied).toEqual(migrations.map(migration => migration.name))
  await (await openStore(file(path))).close()
  expect(schemaOf(path)).toEqual(first)
})

test('generations of a Luna that knew no history are there, and were all current once', async () => {
  const path = join(scratchDirectory(), 'luna.db')
  await (await openStore(file(path), { create: true })).close()
  const database = new DatabaseSync(path)
  database.exec(`
    drop index node_by_pack;
    alter table node drop column pack_id; alter table node_group drop column pack_id;
    alter table osimage drop column canary_id; alter table osimage drop column keep;
    alter table pack drop column packages_file; alter table pack drop column packed_by;
    alter table pack drop column made_from; alter table pack drop column current_at_ms;
    delete from migration where name in ('011-generations', '013-pinned-generations', '014-packages');
    insert into osimage values (1, 'compute', '/os', 'ANY', '', '', '', '', '/', 1, '');
    insert into pack values (1, 1, 'published', 1700000000123, '6.1', 'k', 'i', 't', 'o', 'ab', 1, 1, '', '');
    insert into pack values (2, 1, 'packing', 1700000000456, '', '', '', '', '', '', 0, 0, '', '');`)
  database.close()
  const store = await openStore(file(path))
  const [packs, osimage] = await store.read(async tx => [await listPacks(tx), await getOsimage(tx, 'compute')] as const)
  await store.close()
  const unknown = { packedBy: '', madeFrom: undefined, packagesFile: '' }
  expect(packs).toMatchObject([{ id: 1, currentAtMs: 1_700_000_000_123, ...unknown }])
  expect(osimage).toMatchObject({ packId: 1, canaryId: undefined, keep: 3 })
})

test('names of migrations are in their order', () => {
  const names = migrations.map(migration => migration.name)
  expect(names.toSorted()).toEqual(names)
  expect(new Set(names).size).toBe(names.length)
})

test('a database of a newer Luna is left alone', async () => {
  const path = join(scratchDirectory(), 'luna.db')
  await (await openStore(file(path), { create: true })).close()
  const database = new DatabaseSync(path)
  database.exec("insert into migration values ('999-from-the-future')")
  database.close()
  await expect(openStore(file(path))).rejects.toThrow('of a newer Luna (it has 999-from-the-future)')
})

test('no database is made unless it is asked for', async () => {
  const path = join(scratchDirectory(), 'luna.db')
  await expect(openStore(file(path))).rejects.toThrow(`there is no cluster yet (no ${path}); run: luna cluster init`)
  await expect(openStore(file(path))).rejects.toMatchObject({ kind: 'notReady' })
})

test('a file that is no database is named', async () => {
  const path = join(scratchDirectory(), 'luna.db')
  writeFileSync(path, 'the quick brown fox jumps over the lazy dog\n'.repeat(100))
  await expect(openStore(file(path))).rejects.toThrow(`cannot open the database ${path}: file is not a database`)
})

test('every value of a row comes back as it went in', async () => {
  const store = await scratchStore()
  const bmcsetup = { name: 'base', user: 'ü\n', password: "'; drop table node; --", comment: '\u{1f600}' }
  await store.write(tx =>
    tx
      .insertInto('bmcsetup')
      .values({ ...bmcsetup, userid: 3, netchannel: 1, mgmtchannel: 1 })
      .execute(),
  )
  const row = await store.read(tx => tx.selectFrom('bmcsetup').selectAll().executeTakeFirst())
  expect(row).toMatchObject(bmcsetup)
})
