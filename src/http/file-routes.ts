import type { FileHandle } from 'node:fs/promises'
import { constants, open, realpath } from 'node:fs/promises'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { showCluster } from '../operations/clusters.ts'
import type { HttpLog } from './log.ts'
import { type ByteRange, parseRange } from './range.ts'
import { RateLimit } from './rate-limit.ts'

/** One element of a path, nothing hidden: neither a directory nor `..` nor a file that is still being written. */
const fileName = /^[A-Za-z0-9_][A-Za-z0-9_.+~-]*$/

const chunkBytes = 128 * 1024

/** Bytes per second of images by HTTP, all together, while ltorrent gives them to the same nodes, as in nginx/luna.conf. */
const besideSwarm = 16_000_000

/** GET and HEAD /boot/FILE and /torrents/FILE, below the cluster's path, with ranges (RFC 9110 14) and ETags. */
export function addFileRoutes(app: FastifyInstance, luna: Pick<Luna, 'store' | 'seeding'>, log: HttpLog): void {
  const limit = new RateLimit(besideSwarm)
  for (const directory of ['boot', 'torrents'])
    app.route<{ Params: { '*': string } }>({
      method: ['GET', 'HEAD'],
      url: `/${directory}/*`,
      handler: async (request, reply) => {
        const { path } = await showCluster(luna)
        const name = request.params['*']
        const file = await openFile(join(path, directory), name)
        const limited = directory === 'torrents' && (await luna.seeding.now())
        const lament = (reason: string) => log.refused({}, `/${directory}/${name} cannot be read to its end: ${reason}`)
        return sendFile(file, request, reply, lament, limited ? limit : undefined)
      },
    })
}

async function openFile(directory: string, name: string): Promise<FileHandle> {
  const missing = new LunaError('notFound', 'there is no such file')
  if (!fileName.test(name)) throw missing
  try {
    // links lead from the READMEs' names to the present generation's files: never out of the directory
    const path = await realpath(join(directory, name))
    if (!path.startsWith(`${await realpath(directory)}/`)) throw missing
    // without O_NONBLOCK, opening a FIFO would wait for its writer
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw missing
    throw error
  }
}

async function sendFile(
  file: FileHandle,
  request: FastifyRequest,
  reply: FastifyReply,
  lament: (reason: string) => void,
  limit: RateLimit | undefined,
): Promise<FastifyReply> {
  const stat = await file.stat()
  if (!stat.isFile()) {
    await file.close()
    throw new LunaError('notFound', 'there is no such file')
  }
  const etag = `"${stat.size.toString(16)}-${Math.trunc(stat.mtimeMs).toString(16)}"`
  const modified = stat.mtime.toUTCString()
  // the names that people know lead to another file after a pack: a cache may keep what it has, and has to ask
  const fields = { etag, 'last-modified': modified, 'cache-control': 'no-cache', 'accept-ranges': 'bytes' }
  reply.headers(fields).type('application/octet-stream')
  const plan = planAnswer(request, stat.size, { etag, modified })
  if (plan.status === 416) reply.header('content-range', `bytes */${stat.size}`)
  if (plan.status === 206) reply.header('content-range', `bytes ${plan.first}-${plan.last}/${stat.size}`)
  if (plan.status !== 304) reply.header('content-length', plan.last - plan.first + 1)
  reply.code(plan.status)
  if (plan.last < plan.first || request.method === 'HEAD') {
    await file.close()
    return reply.send()
  }
  reply.hijack()
  reply.raw.writeHead(plan.status, reply.getHeaders() as OutgoingHttpHeaders)
  try {
    await sendBytes(file, plan, reply.raw, limit)
  } catch (error) {
    lament((error as Error).message)
  }
  return reply
}

/**
 * By one buffer, filled again when the socket has taken what was in it: what two hundred machines that boot have in memory is bounded,
 * however slowly they read. A reader that goes, or a file that cannot be read, ends the connection.
 * @throws Error when the file cannot be read
 */
async function sendBytes(
  file: FileHandle,
  { first, last }: ByteRange,
  response: ServerResponse,
  limit: RateLimit | undefined,
): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(chunkBytes)
  /** @returns whether there is a reader still */
  const write = (chunk: Buffer) =>
    new Promise<boolean>(resolve => {
      const gone = () => resolve(false)
      // between the end of the connection and that of the response Node drops what is written, and calls nobody back
      response.once('close', gone)
      response.write(chunk, error => {
        response.off('close', gone)
        resolve(!error)
      })
    })
  try {
    for (let at = first; at <= last && !response.destroyed; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(chunkBytes, last - at + 1), at)
      if (bytesRead === 0) throw new Error('it was cut short')
      await limit?.take(bytesRead)
      if (!(await write(buffer.subarray(0, bytesRead)))) return
      at += bytesRead
    }
    response.end()
  } finally {
    if (!response.writableEnded) response.destroy() // so that the reader knows that it is not whole
    await file.close()
  }
}

function planAnswer({ headers }: FastifyRequest, size: number, { etag, modified }: { etag: string; modified: string }) {
  const nothing = { first: 0, last: -1 }
  const known = headers['if-none-match']
  const has = known === undefined ? headers['if-modified-since'] === modified : known.split(/\s*,\s*/).includes(etag)
  if (has) return { status: 304, ...nothing }
  const current = headers['if-range'] === undefined || headers['if-range'] === etag
  const range = current ? parseRange(headers.range, size) : undefined
  if (range === 'unsatisfiable') return { status: 416, ...nothing }
  return range ? { status: 206, ...range } : { status: 200, first: 0, last: size - 1 }
}
