import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type Address, findAddress } from '../domain/address.ts'
import { LunaError } from '../errors.ts'

/** Connections through the unix socket, where nginx speaks for others. */
const proxied = new WeakSet<Socket>()

/** Marks a connection as one whose X-Real-IP and X-Real-Port are to be believed. */
export const trustProxy = (socket: Socket): void => void proxied.add(socket)

/** Address and port of whoever sent the request. */
export function clientOf(request: IncomingMessage): { address: Address; port: number } {
  const { socket, headers } = request
  const address = proxied.has(socket) ? headers['x-real-ip'] : socket.remoteAddress
  const port = proxied.has(socket) ? headers['x-real-port'] : socket.remotePort
  const parsed = typeof address === 'string' ? parseClientAddress(address) : undefined
  if (parsed && /^\d{1,5}$/.test(String(port))) return { address: parsed, port: Number(port) }
  throw new LunaError('invalid', 'the proxy must send X-Real-IP and X-Real-Port; see nginx/luna.conf')
}

/** Without the zone of a link-local address (RFC 4007 11), and IPv4 as such (RFC 4291 2.5.5.2). */
const parseClientAddress = (text: string): Address | undefined =>
  findAddress(text.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, ''))
