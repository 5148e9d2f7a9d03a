import { hash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runLuna } from '../../src/cli/main.ts'
import { parseDatabaseUrl } from '../../src/domain/database-url.ts'
import type { Luna } from '../../src/luna.ts'
import { createLuna } from '../../src/luna.ts'
import { Dumper } from '../../src/store/dump.ts'
import { openStore } from '../../src/store/store.ts'
import { createSmallSite, type Result, type Site } from './site.ts'

/** A site whose commands run in this process: for tests of so many that their starts would take most of the time. */
export class Session {
  readonly site: Site = createSmallSite()

  /** Runs `luna WORD ...` with this on its standard input. */
  async luna(words: readonly string[], input = ''): Promise<Result> {
    process.env['LUNA_CONF'] = join(this.site.directory, 'luna.conf')
    const said = { stdout: '', stderr: '' }
    const opened = new Map<string | undefined, Luna>()
    const complain = (text: string) => {
      said.stderr += text
    }
    const io = {
      print: (text: string) => {
        said.stdout += text
      },
      complain,
      warn: (text: string) => complain(`luna: warning: ${text}\n`),
      edit: async (present: string) => (input === present ? undefined : input),
      interactive: false,
    }
    const context = {
      io,
      luna: async (options?: Parameters<typeof createLuna>[0]) => {
        const luna = opened.get(options?.at) ?? (await createLuna(options))
        opened.set(options?.at, luna)
        return luna
      },
    }
    const status = await runLuna(words, context, 'test')
    for (const luna of opened.values()) await luna.close()
    return { status, ...said }
  }

  /** Every object, described by title. */
  async objects(): Promise<Map<string, string>> {
    const store = await openStore(parseDatabaseUrl(this.site.url))
    const objects = await store.read(tx => new Dumper().dump(tx))
    await store.close()
    return new Map([...objects.values()].map(({ title, text }) => [title, text]))
  }

  /** Every file with its content; SQLite's log beside the database comes and goes with whoever opens it. */
  files(): string[] {
    return readdirSync(this.site.directory, { recursive: true, encoding: 'utf8' })
      .filter(path => !/-(wal|shm)$/.test(path))
      .sort()
      .map(path => {
        const stats = statSync(join(this.site.directory, path))
        const content = stats.isFile() ? hash('sha256', readFileSync(join(this.site.directory, path))) : ''
        return `${path} ${stats.mode} ${stats.uid} ${content}`
      })
  }
}
