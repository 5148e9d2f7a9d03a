import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, readRows } from '../database.ts'

export type Result = Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>

/** A head's files in a directory of their own, `luna` on the PATH, and a systemctl that records what it is asked. */
export class Site {
  readonly directory = mkdtempSync(join(tmpdir(), 'luna-cli-'))
  readonly #database = createTestDatabase(join(this.directory, 'db'))
  readonly url = this.#database.url
  /** Where the file is, if it is one. */
  readonly database = join(this.directory, 'db', 'luna.db')
  readonly user = userInfo().username

  constructor() {
    for (const name of ['bin', 'run', 'dhcp', 'kea']) mkdirSync(join(this.directory, name))
    this.write('luna.conf', `[database]\nurl = ${this.url}\n[daemons]\nrun_directory = ${this.directory}/run\n`)
    this.program('luna', `exec ${process.env['LUNA_TEST_BIN']}/luna "$@"`)
    this.systemctl()
    this.image('os/compute', '6.1.0-13-cloud-amd64')
    this.image('os/bare')
  }

  /** The tree of an image as far as `osimage add` looks. */
  image(path: string, ...kernels: string[]): void {
    mkdirSync(join(this.directory, path, 'boot'), { recursive: true })
    for (const kernel of kernels) {
      mkdirSync(join(this.directory, path, 'lib', 'modules', kernel), { recursive: true })
      this.write(`${path}/boot/vmlinuz-${kernel}`, '')
    }
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.directory, path, '..'), { recursive: true })
    writeFileSync(join(this.directory, path), text)
  }

  program(name: string, script: string): void {
    this.write(`bin/${name}`, `#!/bin/sh\n${script}\n`)
    chmodSync(join(this.directory, 'bin', name), 0o755)
  }

  /** What is asked of systemctl is written down and done by `script`; of units, those named are active. */
  systemctl(script = 'exit 0', active: readonly string[] = []): void {
    const running = `case " ${active.join(' ')} " in *" $3 "*) exit 0 ;; *) exit 3 ;; esac`
    this.program(
      'systemctl',
      `[ "$1" = is-active ] && { ${running}; }\necho "$*" >>${this.directory}/systemctl.log\n${script}`,
    )
  }

  luna(...words: string[]): Result {
    return this.run(['luna', ...words])
  }

  /** The command's output; a test that expects success fails with what the command said. */
  ok(...words: string[]): string {
    const { status, stdout, stderr } = this.luna(...words)
    if (status !== 0) throw new Error(`luna ${words.join(' ')}: status ${status}\n${stderr}`)
    return stdout
  }

  shell(script: string): Result {
    return this.run(['bash', '-c', script])
  }

  /** Begins `luna WORD ...` and does not wait for it. */
  start(...words: string[]): ChildProcess {
    const stdio = ['ignore' as const, 'ignore' as const, 'pipe' as const]
    return spawn(join(process.env['LUNA_TEST_BIN']!, 'luna'), words, {
      stdio,
      env: this.environment(),
      cwd: this.directory,
    })
  }

  environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PATH: `${this.directory}/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      LUNA_CONF: join(this.directory, 'luna.conf'),
    }
  }

  run([program, ...words]: string[], options: { input?: string; stdout?: number } = {}): Result {
    const env = this.environment()
    const stdio = ['pipe' as const, options.stdout ?? ('pipe' as const), 'pipe' as const]
    return spawnSync(program!, words, { ...options, stdio, env, cwd: this.directory, encoding: 'utf8', maxBuffer: 1e8 })
  }

  /** Every row of every table: what no failing command may change. */
  rows(): Record<string, unknown[]> {
    return readRows(this.url)
  }

  /** As before `cluster init`. */
  empty(): void {
    this.#database.empty()
    for (const name of ['db', 'luna']) rmSync(join(this.directory, name), { recursive: true, force: true })
  }

  remove(): void {
    this.#database.drop()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** A site with the READMEs' cluster, by the command itself: networks cluster and ipmi, osimage, group and bmcsetup, no node. */
export function createSmallSite(): Site {
  const site = new Site()
  const lines = [
    `cluster init --frontend_address 10.30.255.254 --user ${site.user} --path ${site.directory}/luna`,
    'network add -n cluster -N 10.30.0.0 -P 16',
    'network add -n ipmi -N 10.31.0.0 -P 16',
    `osimage add -n compute -p ${site.directory}/os/compute`,
    'bmcsetup add -n base',
    'group add -n compute -o compute -N cluster -b base -bn ipmi',
  ]
  for (const line of lines) site.ok(...line.split(' '))
  return site
}
