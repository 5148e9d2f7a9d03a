import type { FastifyInstance } from 'fastify'
import { formatAddress } from '../domain/address.ts'
import type { Luna } from '../luna.ts'
import { clientOf } from './client.ts'

/** GET /announce and /scrape: ltorrent answers, lweb hands them on as they came (BEP 3, 48). */
export function addTrackerRoutes(app: FastifyInstance, { tracker }: Pick<Luna, 'tracker'>): void {
  for (const url of ['/announce', '/scrape'])
    app.get(url, async ({ raw }, reply) => {
      const { status, type, body } = await tracker.forward(raw.url!, formatAddress(clientOf(raw).address))
      return reply.code(status).type(type).send(body)
    })
}
