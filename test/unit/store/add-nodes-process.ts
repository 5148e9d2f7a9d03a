/**
 * Child of tests: opens the database and adds nodes to group `compute`, one transaction each. A user's number after the count makes it
 * that user's process once its code is loaded: the source tree may lie where that user cannot look, such as root's home.
 */
import { parseDatabaseUrl } from '../../../src/domain/database-url.ts'
import { addNodes } from '../../../src/operations/nodes.ts'
import { openStore } from '../../../src/store/store.ts'

const [url, count, user] = process.argv.slice(2)
if (user !== undefined) {
  process.setgroups!([])
  process.setgid!(Number(user))
  process.setuid!(Number(user))
}
const store = await openStore(parseDatabaseUrl(url!), { create: true })
for (let index = 0; index < Number(count); index++) await addNodes({ store }, { names: undefined, group: 'compute' })
await store.close()
