/** The npm package net-snmp ships no types; this is the part of it that snmp.ts uses. */
declare module 'net-snmp' {
  import type { EventEmitter } from 'node:events'

  export interface Varbind {
    oid: string
    type: number
    value: unknown
  }

  export interface Message {
    hasAuthentication(): unknown
  }

  export interface Request {
    responseCb(error: Error): void
  }

  export interface User {
    name: string
    level: number
    authProtocol?: string
    authKey?: string
    privProtocol?: string
    privKey?: string
  }

  export interface Session extends EventEmitter {
    /** Each answer to a get passes through here, once its digest was found right, if it has one. */
    onSimpleGetResponse(request: Request, message: Message): void
    getBulk(
      oids: readonly string[],
      nonRepeaters: number,
      maxRepetitions: number,
      done: (error: Error | null, columns: readonly (readonly Varbind[])[]) => void,
    ): void
    close(): void
  }

  /** Instead of node:dgram. */
  export interface SocketMaker {
    createSocket(type: 'udp4' | 'udp6'): EventEmitter
  }

  export interface Options {
    version?: number
    transport: 'udp4' | 'udp6'
    timeout: number
    retries: number
    dgramModule: SocketMaker
  }

  const snmp: {
    Version2c: number
    SecurityLevel: Record<string, number>
    AuthProtocols: Record<string, string>
    PrivProtocols: Record<string, string>
    RequestTimedOutError: new () => Error
    RequestFailedError: new () => Error
    createSession(target: string, community: string, options: Options): Session
    createV3Session(target: string, user: User, options: Options): Session
    isVarbindError(varbind: Varbind): boolean
  }
  export default snmp
}
