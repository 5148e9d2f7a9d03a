import type { Socket } from 'node:net'
import { type Handshake, handshakeBytes, parseHandshake } from '../../torrent/wire/handshake.ts'

/** Who connects says what it wants within this time. */
const patienceMs = 10_000

/** What the peer said first, and what came behind it. */
export interface Greeting {
  handshake: Handshake
  rest: Buffer
}

/** @returns undefined when it is no peer, or says nothing */
export function readHandshake(socket: Socket): Promise<Greeting | undefined> {
  const { promise, resolve } = Promise.withResolvers<Greeting | undefined>()
  let heard = Buffer.alloc(0)
  const finish = (result: Greeting | undefined) => {
    clearTimeout(timer)
    socket.off('data', take)
    socket.off('close', giveUp)
    socket.pause() // what comes now waits for who listens next
    resolve(result)
  }
  const giveUp = () => finish(undefined)
  const take = (bytes: Buffer) => {
    heard = Buffer.concat([heard, bytes])
    if (heard.length < handshakeBytes) return
    try {
      finish({ handshake: parseHandshake(heard.subarray(0, handshakeBytes)), rest: heard.subarray(handshakeBytes) })
    } catch {
      giveUp()
    }
  }
  const timer = setTimeout(giveUp, patienceMs)
  socket.on('error', () => {})
  socket.on('data', take)
  socket.on('close', giveUp)
  return promise
}
