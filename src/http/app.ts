import Fastify, { type FastifyInstance } from 'fastify'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { createBoots } from '../operations/begin-boots.ts'
import { createUnknownMachines } from '../operations/unknown-machines.ts'
import { answerError } from './answer-error.ts'
import { addFileRoutes } from './file-routes.ts'
import { createHttpLog, type HttpLog } from './log.ts'
import { addLunaRoutes } from './luna-routes.ts'
import { addTrackerRoutes } from './tracker-routes.ts'

/** Bytes of a report: the last lines of a step that failed. Queries are bounded by Node: 16 KiB for all headers. */
const bodyLimit = 16 * 1024

/** The HTTP interface (docs/boot-process.md), not listening anywhere yet; `routing` is its request handler. */
export async function createApp(
  luna: Pick<Luna, 'store' | 'templates' | 'clock' | 'neighbours' | 'tracker' | 'seeding'>,
  warnings: Pick<HttpLog, 'warn' | 'error'>,
  onUnknownMachine: () => void = () => {},
): Promise<FastifyInstance> {
  const log = createHttpLog(warnings, luna.clock)
  const app = Fastify({
    logger: false,
    bodyLimit,
    exposeHeadRoutes: false, // HEAD must not begin a boot
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply, log),
  })
  // whatever a body says it is, it is text for people
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, log))
  app.setNotFoundHandler(async () => {
    throw new LunaError('notFound', 'there is nothing at this address')
  })
  const unknownMachines = createUnknownMachines(luna, log)
  app.addHook('onClose', () => unknownMachines.flush())
  const note: typeof unknownMachines.note = (...machine) => {
    unknownMachines.note(...machine)
    onUnknownMachine()
  }
  addLunaRoutes(app, { ...luna, boots: createBoots(luna), unknownMachines: { ...unknownMachines, note } }, log)
  addFileRoutes(app, luna, log)
  addTrackerRoutes(app, luna)
  await app.ready()
  return app
}
