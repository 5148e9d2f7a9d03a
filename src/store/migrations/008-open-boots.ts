import { type Kysely, sql } from 'kysely'

/** ltorrent asks every two seconds what boots in progress need: by these, not by reading the boots of all nodes. */
export async function openBoots(db: Kysely<unknown>): Promise<void> {
  for (const [name, column] of [
    ['boot_open_by_age', 'created_at_ms'],
    ['boot_open_by_use', 'used_at_ms'],
  ] as const)
    await db.schema
      .createIndex(name)
      .on('boot')
      .columns(['pack_id', column])
      .where(sql`ended_at_ms`, 'is', null)
      .execute()
}
