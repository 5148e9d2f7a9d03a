import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Namespace } from '../lweb/namespace.ts'
import { makeImage } from '../pack/image.ts'
import { makeSite, type PackSite } from '../pack/site.ts'
import { makeSshKeys } from './keys.ts'
import { RunningHost } from './running-host.ts'

const bin = join(import.meta.dirname, '..', '..', '..', 'bin')

/** A cluster of one osimage, and machines at work in a network namespace, which `luna` reaches by ssh. Needs root. */
export class SshSite {
  readonly site: PackSite
  readonly network: Namespace
  readonly environment: NodeJS.ProcessEnv
  /** Of the osimage. */
  readonly root: string
  readonly #hosts: RunningHost[] = []

  private constructor(site: PackSite, network: Namespace) {
    this.site = site
    this.network = network
    this.root = join(site.directory, 'image')
    const conf = join(site.directory, 'luna.conf')
    writeFileSync(conf, `[database]\nurl = sqlite:${site.directory}/luna.db\n`)
    this.environment = { ...process.env, LUNA_CONF: conf, PATH: `${site.directory}/bin:${process.env['PATH']}` }
  }

  static async create(): Promise<SshSite> {
    const one = new SshSite(await makeSite(), await Namespace.create())
    makeImage(one.root)
    makeSshKeys(one.site.directory)
    return one
  }

  async startHost(name: string, address: string): Promise<RunningHost> {
    const host = await RunningHost.start(this.network, this.site.directory, name, address)
    this.#hosts.push(host)
    return host
  }

  setLists(grabExcludeList: string, grabFilesystems = '/,/boot') {
    return this.site.store.write(tx => tx.updateTable('osimage').set({ grabExcludeList, grabFilesystems }).execute())
  }

  wordsOf(words: readonly string[]): string[] {
    return this.network.inside(process.execPath, join(bin, 'luna.ts'), ...words)
  }

  luna(...words: string[]) {
    const [program, ...args] = this.wordsOf(words)
    const { status, stdout, stderr } = spawnSync(program!, args, { env: this.environment, encoding: 'utf8' })
    return { status, stdout, stderr }
  }

  async remove(): Promise<void> {
    for (const host of this.#hosts) await host.stop()
    await this.network.close()
    await this.site.remove()
  }
}
