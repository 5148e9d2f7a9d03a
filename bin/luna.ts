import { createIo } from '../src/cli/io.ts'
import { runLuna } from '../src/cli/main.ts'
import { findEditor } from '../src/config.ts'
import type { Luna } from '../src/luna.ts'

declare const LUNA_VERSION: string | undefined
const version = typeof LUNA_VERSION === 'string' ? LUNA_VERSION : 'from source'

const opened = new Map<string | undefined, Luna>()
const io = createIo(async (present, name) =>
  (await import('../src/effects/editor.ts')).editText(present, name, findEditor()),
)
const status = await runLuna(
  process.argv.slice(2),
  {
    io,
    luna: async options => {
      const known = opened.get(options?.at)
      if (known) return known
      const luna = await (await import('../src/luna.ts')).createLuna(options)
      opened.set(options?.at, luna)
      luna.config.warnings.forEach(io.warn)
      return luna
    },
    names: async kind => (await import('../src/completion-names.ts')).readCompletionNames(kind),
  },
  version,
)
for (const luna of opened.values()) await luna.close()
process.exitCode = status
