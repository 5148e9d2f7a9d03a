/** packer.ts DIRECTORY image|boot|all: packs the site there and says on standard output how far it is. For killing it. */
import { join } from 'node:path'
import { describe } from '../../../src/cli/describe.ts'
import { packOsimage } from '../../../src/operations/pack.ts'
import { lunaOf, openSite } from './site.ts'

const [directory, parts] = process.argv.slice(2) as [string, 'image' | 'boot' | 'all']
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupted.abort())

const store = await openSite(directory, join(directory, 'opt'), join(directory, 'image'))
try {
  await packOsimage(
    lunaOf(store),
    { name: 'compute', parts: { image: parts !== 'boot', boot: parts !== 'image' }, signal: interrupted.signal },
    progress => process.stdout.write(`${JSON.stringify(progress)}\n`),
  )
} catch (error) {
  process.stderr.write(describe(error, false))
  process.exitCode = 1
}
await store.close()
