import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseMac } from '../../../src/domain/mac.ts'
import { getCluster, putCluster } from '../../../src/store/clusters.ts'
import { changeNode } from '../../boot-cluster.ts'
import { addMachine, type Machine } from '../lweb/namespace.ts'
import { repository, Site, until, withToken } from '../lweb/site.ts'
import type { PublishedImage } from './published-image.ts'

const bundle = join(repository, 'client', 'bundle')

/** Tells lweb that the boot has come to a step. */
type Report = (step: string) => Promise<void>

/** A head whose nodes announce every other second, and machines that are its nodes and fetch images by the real client. Needs root. */
export class SwarmSite {
  readonly site: Site
  readonly #machines = new Map<number, Machine>()

  private constructor(site: Site) {
    this.site = site
  }

  static async open(): Promise<SwarmSite> {
    const site = await Site.open()
    await site.cluster.store.write(async tx =>
      putCluster(tx, { ...(await getCluster(tx)), trackerInterval: 2, trackerMinInterval: 1 }),
    )
    return new SwarmSite(site)
  }

  /** Machine 2 is node002, has 10.30.0.2, and is plugged in at n2 of the head. */
  async addMachine(number: number): Promise<void> {
    const mac = parseMac(`52:54:00:00:00:0${number}`)
    await changeNode(this.site.cluster.store, `node00${number}`, { mac })
    this.#machines.set(number, await addMachine(this.site.head, `n${number}`, mac, [`10.30.0.${number}/16`]))
  }

  luna = (...words: string[]): Promise<string> =>
    this.site.onHead(process.execPath, join(repository, 'bin', 'luna.ts'), ...words)

  directoryOf = (number: number): string => join(this.site.cluster.directory, `node00${number}`)

  /** The command that fetches the image there and gives it to others. */
  clientOn(number: number, image: PublishedImage): string[] {
    return this.#machine(number).namespace.inside(...this.#client(number, image))
  }

  /** The way of a node from its boot script to the end of its download, the steps as its script reports them. */
  async fetch(number: number, image: PublishedImage): Promise<Report> {
    const report = await this.#boot(number)
    await report('install.download')
    const said = await this.#machine(number).namespace.run(...this.#client(number, image), '--exit')
    const { from_head, from_peers, from_web, banned } = JSON.parse(said.trim().split('\n').at(-1)!)
    const bytes = `from_head=${from_head}&from_peers=${from_peers}&from_web=${from_web}`
    await report(`install.unpack&${bytes}&bad_peers=${banned.join()}`)
    return report
  }

  async install(number: number, image: PublishedImage): Promise<void> {
    const report = await this.fetch(number, image)
    await report('install.success')
  }

  async close(): Promise<void> {
    for (const { namespace } of this.#machines.values()) await namespace.close()
    await this.site.close()
  }

  async #boot(number: number): Promise<Report> {
    const machine = this.#machine(number)
    const boot = await this.site.ask(machine, `/luna?step=discovery&hwdata=|52:54:00:00:00:0${number}`)
    const [, token] = /luna\.token=(\S+)/.exec(boot.body)!
    return step => {
      const path = `/luna?step=install&node=node00${number}&status=${step}`
      // lweb may just be away
      return until(`${step} is taken`, async () => {
        const answer = await this.site.ask(machine, path, withToken(token!)).catch(() => undefined)
        return answer?.body === 'ok\n'
      })
    }
  }

  #client(number: number, { torrentPath, infoHash }: PublishedImage): string[] {
    mkdirSync(this.directoryOf(number))
    return [
      ...[join(bundle, 'ld.so'), '--library-path', join(bundle, 'lib'), join(bundle, 'luna-torrent')],
      ...['--torrent', torrentPath, '--info-hash', infoHash, '--directory', this.directoryOf(number)],
      ...['--head', '10.30.255.254', '--tracker', `http://10.30.255.254:7050/announce?node=node00${number}`],
    ]
  }

  #machine(number: number): Machine {
    const machine = this.#machines.get(number)
    if (!machine) throw new Error(`there is no machine ${number}`)
    return machine
  }
}
