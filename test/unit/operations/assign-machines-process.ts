import { parseDatabaseUrl } from '../../../src/domain/database-url.ts'
import { assignMachines } from '../../../src/operations/assign-machines.ts'
import { openStore } from '../../../src/store/store.ts'

/** Makes waiting machines the nodes PREFIX1 and so on, a few at a time, in a process of its own. */
const [url, prefix, count, now] = process.argv.slice(2)
const store = await openStore(parseDatabaseUrl(url!))
for (let number = 1; number <= Number(count); number += 5) {
  const names = [0, 1, 2, 3, 4].map(index => `${prefix}${number + index}`)
  const input = { names, group: 'compute', by: 'arrival' as const, silentToo: false }
  await assignMachines({ store, clock: () => Number(now) }, input)
}
await store.close()
