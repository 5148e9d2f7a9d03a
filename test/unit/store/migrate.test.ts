import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { migrations } from '../../../src/store/migrations.ts'
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
