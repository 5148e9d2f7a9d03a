import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSmallSite, type Site } from '../../test/cli/site.ts'

const dist = join(import.meta.dirname, '..', '..', 'dist', 'bin')

/** What one command took. */
export interface Usage {
  elapsedMs: number
  /** User and system time of the process itself: not of a checker that it started. */
  cpuMs: number
  memoryMiB: number
}

/** What commands write for other servers is the site's, in a mount namespace of each command. */
const mounts = { '/etc/dhcp': 'dhcp', '/etc/bind': 'bind', '/var/lib/bind': 'zones' }

/** The READMEs' cluster in a directory on a disk, not in memory, as a head's is. */
export class MeasuredSite {
  readonly site: Site
  readonly #usagePath: string

  constructor() {
    process.env['LUNA_TEST_BIN'] = dist
    process.env['TMPDIR'] = '/var/tmp'
    delete process.env['NODE_EXTRA_CA_CERTS']
    this.site = createSmallSite()
    this.#usagePath = join(this.site.directory, 'usage.json')
    for (const name of ['bind', 'zones']) mkdirSync(this.path(name))
    this.site.write('bind/named.conf', 'include "/etc/bind/luna.zones";\n')
  }

  path(name: string): string {
    return join(this.site.directory, name)
  }

  measure(...words: string[]): Usage {
    const steps = Object.entries(mounts).map(([target, name]) => `mount --bind ${this.path(name)} ${target} && `)
    const env = `NODE_OPTIONS=--require=${import.meta.dirname}/report-usage.cjs LUNA_BENCH_USAGE=${this.#usagePath}`
    const script = `${steps.join('')}exec env ${env} ${dist}/luna "$@"`
    const startMs = performance.now()
    const { status, stderr } = this.site.run(['unshare', '--mount', 'sh', '-c', script, 'sh', ...words])
    const elapsedMs = performance.now() - startMs
    if (status !== 0) throw new Error(`luna ${words.join(' ')}: status ${status}\n${stderr}`)
    const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(readFileSync(this.#usagePath, 'utf8'))
    return { elapsedMs, cpuMs: (userCPUTime + systemCPUTime) / 1000, memoryMiB: maxRSS / 1024 }
  }

  saveDatabase(name: string): void {
    copyFileSync(this.site.database, this.path(name))
  }

  restoreDatabase(name: string): void {
    for (const suffix of ['-wal', '-shm']) rmSync(this.site.database + suffix, { force: true })
    copyFileSync(this.path(name), this.site.database)
  }

  remove(): void {
    this.site.remove()
  }
}

/** Every node a MAC, and a past as long as is kept: eight boots of eleven steps. */
export function giveHistory(path: string): void {
  const database = new DatabaseSync(path)
  database.exec(`
    begin;
    update node set mac = printf('52:54:00:%02x:%02x:%02x', id >> 16, (id >> 8) & 255, id & 255);
    with recursive number(n) as (select 0 union all select n + 1 from number where n < 7)
    insert into boot (node_id, token_hash, pack_id, created_at_ms, used_at_ms, ended_at_ms)
      select node.id, printf('%064x', node.id * 8 + n), null, n, n, n from number, node;
    with recursive number(n) as (select 0 union all select n + 1 from number where n < 10)
    insert into install_event (node_id, boot_id, step, at_ms)
      select node_id, id, case n when 10 then 'install.success' else 'install.unpack' end, 1000 * id + n from number, boot;
    commit;
  `)
  database.close()
}
