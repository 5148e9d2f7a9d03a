import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Address, findAddress } from '../domain/address.ts'
import { badPeersKept } from '../domain/bad-pieces.ts'
import { parseHardware } from '../domain/hardware.ts'
import { parseReportedStep } from '../domain/install.ts'
import { parseHostName } from '../domain/name.ts'
import { type ErrorKind, LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import type { Boots } from '../operations/begin-boots.ts'
import { bootNode, type Loader } from '../operations/boot.ts'
import { bootMenu, chooseMenu, errorScript } from '../operations/boot-menu.ts'
import { identifyCaller } from '../operations/callers.ts'
import { installScript } from '../operations/install-script.ts'
import { reportStep } from '../operations/report.ts'
import type { UnknownMachines } from '../operations/unknown-machines.ts'
import { logError } from './answer-error.ts'
import { clientOf } from './client.ts'
import type { HttpLog } from './log.ts'
import { findNumber, parseQuery, requireParameter } from './query.ts'

type Deps = Pick<Luna, 'store' | 'templates' | 'clock' | 'neighbours'> & {
  boots: Boots
  unknownMachines: UnknownMachines
}
type Query = ReadonlyMap<string, string>
type Handler = (deps: Deps, query: Query, request: FastifyRequest, reply: FastifyReply, log: HttpLog) => Promise<string>

const steps: Record<string, Handler> = { boot: menu, choose, discovery, install }

/** GET /luna?step=boot|choose|discovery|install, and POST for reports with a body. */
export function addLunaRoutes(app: FastifyInstance, deps: Deps, log: HttpLog): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/luna',
    handler: async (request, reply) => {
      const query = parseQuery(request.url)
      const step = requireParameter(query, 'step')
      const handler = Object.hasOwn(steps, step) ? steps[step] : undefined
      if (!handler)
        throw new LunaError('invalid', `there is no step "${step}"; there are boot, choose, discovery and install`)
      reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8')
      return handler(deps, query, request, reply, log)
    },
  })
}

function menu(deps: Deps, _query: Query, request: FastifyRequest, _reply: FastifyReply, log: HttpLog): Promise<string> {
  return orErrorScript(deps, request, log, () => bootMenu(deps))
}

function choose(
  deps: Deps,
  query: Query,
  request: FastifyRequest,
  _reply: FastifyReply,
  log: HttpLog,
): Promise<string> {
  return orErrorScript(deps, request, log, () => chooseMenu(deps, query.get('from')))
}

async function discovery(
  deps: Deps,
  query: Query,
  request: FastifyRequest,
  _reply: FastifyReply,
  log: HttpLog,
): Promise<string> {
  const loader = parseLoader(query.get('type') ?? 'ipxe')
  const hardware = hardwareOf(query)
  const node = query.get('node') || undefined
  const boot = async () => {
    if (node !== undefined) parseHostName(node)
    return bootNode(deps, { hardware, node, loader, caller: await callerOf(deps, request) })
  }
  if (loader !== 'ipxe') return boot()
  // who typed the name of no node is to see that
  return orErrorScript(deps, request, log, boot, node === undefined ? undefined : ['forbidden'])
}

const hardwareOf = (query: Query) =>
  parseHardware(query.get('hwdata') ?? '', {
    mac: query.get('mac'),
    serial: query.get('serial'),
    uuid: query.get('uuid'),
    manufacturer: query.get('manufacturer'),
    product: query.get('product'),
  })

function parseLoader(text: string): Loader {
  if (text === 'ipxe' || text === 'syslinux') return text
  throw new LunaError('invalid', `there is no type "${text}"; there are ipxe and syslinux`)
}

/**
 * iPXE discards the body of every answer but 200. A machine that is unknown, or not what it says, goes back to its menu by the status;
 * any other fault is told by a script.
 */
async function orErrorScript(
  deps: Deps,
  request: FastifyRequest,
  log: HttpLog,
  script: () => Promise<string>,
  byStatus: readonly ErrorKind[] = ['notFound', 'forbidden'],
): Promise<string> {
  try {
    return await script()
  } catch (error) {
    if (error instanceof LunaError && byStatus.includes(error.kind)) throw error
    logError(error, request, log)
    return errorScript(deps, error)
  }
}

async function install(deps: Deps, query: Query, request: FastifyRequest, reply: FastifyReply): Promise<string> {
  const header = request.headers['luna-token']
  const token = typeof header === 'string' && header !== '' ? header : undefined
  const node = requireParameter(query, 'node')
  const caller = await callerOf(deps, request)
  if (!query.has('status')) {
    reply.type('text/x-shellscript; charset=utf-8')
    return installScript(deps, { node, token, caller })
  }
  await reportStep(deps, { node, token, caller, report: reportOf(query, request) })
  return 'ok\n'
}

const reportOf = (query: Query, { body }: FastifyRequest) => ({
  step: parseReportedStep(requireParameter(query, 'status')),
  uptimeS: findNumber(query, 'uptime'),
  fromHeadBytes: findNumber(query, 'from_head'),
  fromPeersBytes: findNumber(query, 'from_peers'),
  fromWebBytes: findNumber(query, 'from_web'),
  badPeers: addressesIn(query.get('bad_peers') ?? ''),
  failedStep: findStepName(query.get('failed_step')),
  exitStatus: findNumber(query, 'exit'),
  message: typeof body === 'string' ? body : undefined,
})

/** A hint only, which may be anything: what is no address is left out. */
const addressesIn = (text: string): Address[] =>
  text
    .split(',', badPeersKept)
    .map(findAddress)
    .filter(address => address !== undefined)

/** What failed need not be a step that is reported: fetching the script, say. */
function findStepName(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  if (/^[a-z_.]{1,40}$/.test(text)) return text
  throw new LunaError('invalid', 'failed_step is not the name of a step')
}

function callerOf(deps: Deps, request: FastifyRequest) {
  const { address, port } = clientOf(request.raw)
  return identifyCaller(deps, address, port)
}
