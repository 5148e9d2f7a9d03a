/** Child of together.test.ts: opens the database and adds nodes to group `compute`, one transaction each. */
import { addNodes } from '../../../src/operations/nodes.ts'
import { openStore } from '../../../src/store/store.ts'

const [path, count] = process.argv.slice(2)
const store = await openStore(path!, { create: true })
for (let index = 0; index < Number(count); index++) await addNodes({ store }, { names: undefined, group: 'compute' })
await store.close()
