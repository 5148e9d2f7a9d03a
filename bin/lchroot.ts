import { createIo } from '../src/cli/io.ts'
import { createLchroot, lchrootFailedStatus } from '../src/cli/lchroot.ts'
import { runToolLine } from '../src/cli/tool.ts'
import type { Luna, LunaOptions } from '../src/luna.ts'

declare const LUNA_VERSION: string | undefined
const version = typeof LUNA_VERSION === 'string' ? LUNA_VERSION : 'from source'

let luna: Luna | undefined
let commandStatus = 0
const lchroot = createLchroot(status => {
  commandStatus = status
})
const context = {
  io: createIo(async () => undefined),
  luna: async (options?: LunaOptions) => {
    luna ??= await (await import('../src/luna.ts')).createLuna(options)
    return luna
  },
}
const status = await runToolLine(lchroot, process.argv.slice(2), context, version)
await luna?.close()
process.exitCode = status === 0 ? commandStatus : lchrootFailedStatus
