import type { FastifyReply, FastifyRequest } from 'fastify'
import { httpStatusOf, LunaError } from '../errors.ts'
import type { HttpLog } from './log.ts'

/** Status and one line of text for whatever was thrown, as curl shows it; a bug's details go to the log alone. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: HttpLog): FastifyReply {
  const status = statusOf(error)
  logError(error, request, log)
  const line = error instanceof LunaError || status < 500 ? (error as Error).message : 'lweb met an error of its own'
  if (status === 503) reply.header('retry-after', '5')
  // what is left of a request that is not wanted would be taken for the next one
  if (status === 413) reply.header('connection', 'close')
  return reply.code(status).removeHeader('content-length').type('text/plain; charset=utf-8').send(`${line}\n`)
}

/** LunaErrors by their table; fastify's own (a body too long, say) bring their status. */
function statusOf(error: unknown): number {
  const status = error instanceof LunaError ? httpStatusOf(error) : (error as { statusCode?: number }).statusCode
  return status ?? 500
}

export function logError(error: unknown, request: FastifyRequest, log: HttpLog): void {
  const fields = { url: loggedUrl(request), from: request.headers['x-real-ip'] ?? request.ip }
  if (!(error instanceof LunaError)) {
    if (statusOf(error) >= 500) log.error({ ...fields, err: error }, 'a request failed by a fault of lweb')
    return
  }
  // a machine that nobody knows yet asks every few seconds, and an attacker as often as he can: bounded
  if (error.kind === 'forbidden' || error.kind === 'notFound' || error.kind === 'invalid')
    log.refused(fields, error.message)
  else log.warn(fields, error.message)
}

const loggedUrl = ({ url }: FastifyRequest): string => url.slice(0, 300)
