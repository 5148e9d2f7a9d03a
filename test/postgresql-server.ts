import { execFileSync } from 'node:child_process'
import { appendFileSync, chownSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { psql } from './database.ts'

const programs = globSync('/usr/lib/postgresql/*/bin').sort().at(-1) ?? ''
const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))

/** A PostgreSQL of one test, on a port of 127.0.0.1, that is stopped, started and promoted as heads are. */
export class PostgresqlServer {
  readonly directory = mkdtempSync(join(tmpdir(), 'luna-postgresql-'))
  readonly port: number

  private constructor(port: number) {
    this.port = port
    if (process.getuid!() === 0) chownSync(this.directory, idOf('-u'), idOf('-g'))
  }

  /** Its superuser is `postgres`, who needs no password on the socket; over TCP everyone does. */
  static async create(): Promise<PostgresqlServer> {
    const server = new PostgresqlServer(await findFreePort())
    const options = ['-U', 'postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--auth-local=trust']
    server.#run('initdb', [...options, '--auth-host=scram-sha-256', '-D', server.#data])
    server.#configure()
    server.start()
    return server
  }

  /** Another that follows it. */
  async standby(): Promise<PostgresqlServer> {
    const standby = new PostgresqlServer(await findFreePort())
    const source = ['-h', this.directory, '-p', String(this.port), '-U', 'postgres']
    standby.#run('pg_basebackup', [
      ...source,
      '-D',
      standby.#data,
      '--write-recovery-conf',
      '--no-sync',
      '--checkpoint=fast',
    ])
    standby.#configure()
    standby.start()
    return standby
  }

  get #data(): string {
    return join(this.directory, 'data')
  }

  #configure(): void {
    const lines = [
      `port = ${this.port}`,
      `unix_socket_directories = '${this.directory}'`,
      "listen_addresses = '127.0.0.1'",
    ]
    appendFileSync(join(this.#data, 'postgresql.conf'), [...lines, 'fsync = off', ''].join('\n'))
  }

  start = () => this.#run('pg_ctl', ['start', '-s', '-w', '-D', this.#data, '-l', join(this.directory, 'server.log')])
  stop = (mode = 'fast') => this.#run('pg_ctl', ['stop', '-s', '-w', '-D', this.#data, '-m', mode])
  promote = () => this.#run('pg_ctl', ['promote', '-s', '-w', '-D', this.#data])

  /** What the superuser's query answers. */
  ask(sql: string, database = 'postgres'): string[] {
    return psql(`host=${this.directory} port=${this.port} user=postgres dbname=${database}`, sql)
  }

  remove(): void {
    try {
      this.stop('immediate')
    } catch {
      // it is stopped
    }
    rmSync(this.directory, { recursive: true, force: true })
  }

  /** initdb and postgres refuse to be root's. */
  #run(program: string, words: readonly string[]): void {
    const user = process.getuid!() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {}
    execFileSync(join(programs, program), words, { ...user, cwd: this.directory, stdio: ['ignore', 'ignore', 'pipe'] })
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
