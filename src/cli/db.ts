import { LunaError } from '../errors.ts'
import { copyCluster, findDaemonsUser } from '../operations/copy-cluster.ts'
import type { ObjectCommand } from './command.ts'
import { createProgress } from './progress.ts'

export const db: ObjectCommand = {
  name: 'db',
  summary: 'the database that the cluster is kept in',
  actions: [
    {
      name: 'copy',
      summary:
        'copy the cluster from one database to another, which must be empty; each is a url as in luna.conf, or the path of a luna.conf that says it',
      subject: 'FROM',
      rest: 'TO',
      restRequired: true,
      async run({ luna, io }, args) {
        const [to] = args.rest
        if (to === undefined) throw new LunaError('usage', 'TO is missing: the database to copy to, as the second word')
        if (to === args.subject) throw new LunaError('usage', 'FROM and TO are the same')
        const source = await luna({ at: args.subject })
        const target = await luna({ at: to, createFor: await findDaemonsUser(source) })
        const progress = createProgress(io.interactive, perSecond => `${perSecond.toFixed(0)} rows/s`)
        const rows = await copyCluster(source, target, (...now) => progress.update(...now)).finally(() =>
          progress.stop(),
        )
        io.print(
          `${rows} rows were copied, and are the same there; next: put the new url into luna.conf, restart lweb and ltorrent\n`,
        )
      },
    },
  ],
}
